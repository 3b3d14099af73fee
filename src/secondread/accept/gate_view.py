"""What a gate's network makes of a case."""

from secondread.core.reader import Case, GateView, Networks
from secondread.core.volume import Volume
from secondread.engine.probabilities import calibrate
from secondread.prepare.model_space import to_model_space
from secondread.prepare.shown import typical


def look(name: str, case: Case, networks: Networks) -> GateView:
    """What the network of that name makes of the leading picture, or of the middle slice of a volume.

    Raises:
        BundleError: If it is missing or altered.
    """
    card = networks.card(name)
    first = case.pixels[0]
    picture = typical(first) if isinstance(first, Volume) else case.image
    output = networks.run(name, to_model_space(picture, card.input).tensor)
    probabilities = calibrate(output.logits, card)[0]
    return GateView(
        probabilities={label: float(p) for label, p in zip(card.labels, probabilities, strict=True)},
        thresholds={point.name: point.value for point in card.thresholds},
    )
