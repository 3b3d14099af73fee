"""What a worker has before it: the room, the readers, and their networks, which stay open from study to study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from secondread.core.card import ModelCard
from secondread.core.reader import Reader
from secondread.engine.bundles import Bundles
from secondread.serve.room import Room


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker's desk.

    Attributes:
        room: The room.
        networks: The installed bundles.
        choose: The readers of these names; all of them for None.
        monotonic: Seconds from any start.
    """

    room: Room
    networks: Bundles
    choose: Callable[[Sequence[str] | None], list[Reader]]
    monotonic: Callable[[], float]

    def readers(self, names: Sequence[str]) -> list[Reader]:
        """The readers of these names; all of them where none is named.

        Raises:
            UsageError: If there is no reader of a name.
        """
        return self.choose(names or None)

    def cards(self, readers: Sequence[Reader]) -> dict[str, ModelCard]:
        """The cards that reports of these readers quote.

        Raises:
            BundleError: If a bundle is missing.
        """
        cards: dict[str, ModelCard] = {}
        for reader in readers:
            cards |= {name: self.networks.card(name) for name in reader.bundles}
            cards[reader.leading] = reader.card(self.networks)
        return cards


def open_desk(room: Room, monotonic: Callable[[], float]) -> Desk:
    """The desk that the room's settings describe. Networks are opened when they are first asked.

    Raises:
        BundleError: If a folder of bundles holds a broken one.
    """
    from secondread.engine.bundle import shipped
    from secondread.readers import choose

    reading = room.settings.reading
    folders = [*reading.bundles, shipped()]
    bundles = Bundles(folders, engine=reading.engine, threads=reading.threads, site=reading.site)
    return Desk(room, bundles, choose, monotonic)
