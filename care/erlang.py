"""How long those who wait do so, by how many serve them: Erlang's queue, and Palm's, whose customers lose patience.

Load is in erlangs: arrivals a second times the mean handle time in seconds. Sources: A. K. Erlang (1917); C. Palm
(1957); A. Mandelbaum and S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue" (2005).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, isinf, log, sqrt

_STEPS = 32
"""Even parts of a piece of the integral over waits; the error is far below a tenth of a per cent."""
_SMALL = 1e-12


def blocked(servers: int, load: float) -> float:
    """Erlang B: the chance that all servers are busy where nobody waits."""
    chance = 1.0
    for n in range(1, servers + 1):
        chance = load * chance / (n + load * chance)
    return chance


@dataclass(frozen=True, slots=True)
class Queue:
    """Customers who arrive by chance, in the mean handle time of each server. patience_s: infinite where nobody leaves.

    servers: how many cases are worked on at once.
    """

    servers: int
    load: float
    handle_s: float
    patience_s: float = float("inf")

    @property
    def occupancy(self) -> float:
        """The share of time in which a server is busy, 0 to 1."""
        return min(1.0, self.load * (1 - self.left) / self.servers) if self.servers else 1.0

    @property
    def waits(self) -> float:
        """The chance to wait at all: Erlang C, or Erlang A where customers lose patience."""
        if self.load <= 0:
            return 0.0
        if not isinf(self.patience_s):
            return _waits_with_patience(self)
        if self.servers <= self.load:
            return 1.0
        chance = blocked(self.servers, self.load)
        return chance / (1 - (self.load / self.servers) * (1 - chance))

    @property
    def left(self) -> float:
        """The share of customers who leave unanswered; 0 by Erlang C."""
        if isinf(self.patience_s) or self.load <= 0 or not self.servers:
            return 0.0
        busy, growth = self.load / self.servers, _growth(self)
        return self.waits * max(0.0, 1 / (busy * growth) + 1 - 1 / busy)

    @property
    def mean_wait_s(self) -> float:
        """The mean wait of all, those who leave among them."""
        if not isinf(self.patience_s):
            return self.left * self.patience_s
        free = self.servers - self.load
        return self.waits * self.handle_s / free if free > 0 else float("inf")

    def answered_within(self, seconds: float) -> float:
        """The share of all customers who are answered within this time, 0 to 1."""
        if self.load <= 0:
            return 1.0
        if not self.servers:
            return 0.0
        if not isinf(self.patience_s):
            return min(1.0, 1 - self.waits + _answered_after_a_wait(self, seconds))
        free = self.servers - self.load
        return 1 - self.waits * exp(-free * seconds / self.handle_s) if free > 0 else 0.0


def _growth(queue: Queue) -> float:
    """A(x, y) of Palm: 1 + y/(x+1) + y^2/((x+1)(x+2)) + ..., with x servers and y arrivals in a mean patience."""
    served = queue.servers * queue.patience_s / queue.handle_s
    arrive = queue.load * queue.patience_s / queue.handle_s
    total, term, n = 1.0, 1.0, 1
    while term > _SMALL * total:
        term *= arrive / (served + n)
        total += term
        n += 1
    return total


def _waits_with_patience(queue: Queue) -> float:
    if not queue.servers:
        return 1.0
    chance, growth = blocked(queue.servers, queue.load), _growth(queue)
    return growth * chance / (1 + (growth - 1) * chance)


def _answered_after_a_wait(queue: Queue, seconds: float) -> float:
    """The share of customers who wait, have the patience, and are answered within this time.

    The integral of the density of the wait that is offered, times the chance to last so long.
    """
    arrive, serve, leave = queue.load / queue.handle_s, queue.servers / queue.handle_s, 1 / queue.patience_s
    factor = arrive * (1 - queue.waits) * blocked(queue.servers - 1, queue.load)
    if factor <= 0:
        return 0.0

    def answered(wait: float) -> float:
        return exp(log(factor) + arrive * (1 - exp(-leave * wait)) / leave - (serve + leave) * wait)

    return _integral(answered, seconds, scale=queue.handle_s / sqrt(queue.servers))


def _integral(of: Callable[[float], float], until: float, *, scale: float) -> float:
    """Simpson's rule from 0 on, in pieces, until nothing more is to be added. scale: in which the function changes."""
    total, begin = 0.0, 0.0
    while begin < until:
        end = min(until, begin + scale)
        step = (end - begin) / _STEPS
        inner = sum(of(begin + n * step) * (4 if n % 2 else 2) for n in range(1, _STEPS))
        piece = (of(begin) + inner + of(end)) * step / 3
        total += piece
        if piece < _SMALL * total:
            break
        begin = end
    return total


def servers_for(
    load: float,
    handle_s: float,
    *,
    share: float,
    within_s: float,
    occupancy: float = 1.0,
    patience_s: float = float("inf"),
) -> int:
    """The fewest servers by which this share is answered in time and nobody is busier than occupancy, 0 to 1."""
    if load <= 0:
        return 0
    servers = max(1, int(load))
    while True:
        queue = Queue(servers, load, handle_s, patience_s)
        if queue.answered_within(within_s) >= share and queue.occupancy <= occupancy:
            return servers
        servers += 1
