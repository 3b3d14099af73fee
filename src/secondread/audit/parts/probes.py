"""How far answers follow changes of the picture that leave the disease alone."""

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.probes.probing import gaps, probe
from secondread.audit.probes.subject import subject_of
from secondread.audit.probes.told import entry

NAME, ORDER = "probes", 70
SEED = 20240607


def measure(assessed: Assessed) -> Measured:
    """Probe some pictures of the test split, chosen by a seed."""
    trial = assessed.trial
    splits = trial.splits
    subject = subject_of(assessed.bundle.card, trial.recipe, trial.session, splits["test"], splits["train"], seed=SEED)
    return Measured(entry(subject, probe(subject, SEED), gaps(subject, SEED), SEED))
