"""The parts of an assessment: one file each, found by its folder, with ``NAME``, ``ORDER`` and ``measure``."""
