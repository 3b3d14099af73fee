"""Whether two examinations can be compared: kind, part of the body, order in time, and how each was scanned."""

from secondread.accept.ct_content import in_hu, regions_shown
from secondread.core.facts import SeriesFacts
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.study import Series
from secondread.core.volume import Volume
from secondread.measure.growth import Scan
from secondread.measure.lesion_change import days_between


def refused(case: Case) -> Refusal | None:
    """Why the examination and its prior cannot be compared, or None."""
    if case.prior is None:
        return Refusal("no-prior", "Found no earlier examination; needed one to compare with.", "Name it with --prior.")
    days = days_apart(case)
    if days is not None and days < 0:
        found = "Found an earlier examination that is dated after the present one; needed one from before."
        return Refusal("no-prior", found, "Exchange the two.")
    return _two_kinds(case.series[0], case.prior.series[0]) or _two_places(*volumes(case))


def days_apart(case: Case) -> int | None:
    """Days from the earlier examination to the present one, or None where a date is not known."""
    return days_between(case.prior.study.date if case.prior else "", case.study.date)


def _two_kinds(now: Series, then: Series) -> Refusal | None:
    """Why two series are not of one kind, by their tags."""
    same = "Name an earlier examination of the same kind."
    if now.modality != then.modality:
        kinds = [one.modality or "a volume without tags" for one in (now, then)]
        return Refusal("modality", f"Found {kinds[0]} now and {kinds[1]} earlier; needed one modality.", same)
    names = [facts_of(one).sequence or "an unnamed sequence" for one in (now, then)]
    if names[0] != names[1]:
        return Refusal("sequence", f"Found {names[0]} now and {names[1]} earlier; needed one sequence.", same)
    parts = [set(facts_of(one).body_parts) for one in (now, then)]
    if all(parts) and not parts[0] & parts[1]:
        words = [" and ".join(sorted(one)) for one in parts]
        return Refusal("body-part", f"Found {words[0]} now and {words[1]} earlier; needed one part of the body.", same)
    return None


def _two_places(before: Volume, after: Volume) -> Refusal | None:
    """Why two volumes show nothing in common, by their voxels."""
    if before.unit != after.unit:
        found = "Found attenuation in HU in only one of the two examinations; needed it in both."
        return Refusal("processing", found, "Send the original series.")
    if after.unit != "HU":
        return None
    now, then = regions_shown(after).regions, regions_shown(before).regions
    if now & then:
        return None
    words = [" and ".join(sorted(one)) or "no part of the body that is known" for one in (now, then)]
    found = f"Found {words[0]} now and {words[1]} earlier by their voxels; needed one part of the body in both."
    return Refusal("content", found, "Name an earlier examination of the same part of the body.")


def volumes(case: Case) -> tuple[Volume, Volume]:
    """(earlier, present), in HU where their numbers can be nothing else."""
    both = [in_hu(one.volume) or one.volume for one in (case.prior or case, case)]
    return both[0], both[1]


def facts_of(series: Series) -> SeriesFacts:
    """What is known of a series; nothing of one without tags."""
    return series.facts or SeriesFacts(slices=1)


def scans_of(case: Case) -> tuple[Scan, Scan]:
    """Of the earlier and of the present examination; the larger of thickness and distance of slices counts."""
    found = []
    for one in (case.prior or case, case):
        facts, steps = facts_of(one.series[0]), one.volume.geometry.spacing_mm
        thickness = max(facts.thickness_mm or 0.0, steps[0])
        kernel = None if facts.kernel == "unknown" else facts.kernel
        found.append(Scan(thickness, kernel, facts.contrast))
    return found[0], found[1]
