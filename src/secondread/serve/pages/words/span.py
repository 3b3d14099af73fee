"""Spans of time."""

AREA = {
    "span.seconds": ("{count} s", "{count}초"),
    "span.exact": ("{minutes} min {seconds} s", "{minutes}분 {seconds}초"),
    "span.now": ("< 1 min", "1분 미만"),
    "span.minutes": ("{count} min", "{count}분"),
    "span.hour": ("{count} h", "{count}시간"),
    "span.day": ("{count} d", "{count}일"),
    "span.hours": ("{hours} h {minutes:02d} min", "{hours}시간 {minutes:02d}분"),
    "span.days": ("{days} d {hours} h", "{days}일 {hours}시간"),
}
