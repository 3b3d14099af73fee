"""What the readers say in three words, where a reader has no phrase of its own."""

AREA = {
    "said.nothing-found": ("Nothing found", "이상 소견 없음"),
}
