"""Paired measurements: times of two things that take turns, and what their ratios carry."""

import math
import statistics
import time


def median_interval(values, confidence=0.95):
    """The order statistics that hold the median with that confidence; None for fewer than 6 values.

    The same interval as Sources/Measurement/Sample.swift computes.
    """
    ordered, count = sorted(values), len(values)
    rank, tail = 0, 0.0
    while rank < count // 2:
        tail += math.comb(count, rank) / 2**count
        if 1 - 2 * tail < confidence:
            break
        rank += 1
    return (ordered[rank - 1], ordered[count - rank]) if rank else None


class Comparison:
    """Milliseconds of a and b, and the ratio a/b pair by pair."""

    def __init__(self, a, b):
        self.a, self.b = statistics.median(a), statistics.median(b)
        self.ratios = [x / y for x, y in zip(a, b)]
        self.ratio = statistics.median(self.ratios)
        self.interval = median_interval(self.ratios) or (min(self.ratios), max(self.ratios))

    @property
    def text(self):
        return f"{self.ratio:.3f} ({self.interval[0]:.3f} to {self.interval[1]:.3f})"


def take_turns(a, b, seconds, rounds=(7, 61)):
    """Runs a and b in turn (a b b a ...) for about that many seconds, after two warm-up rounds each."""
    results = ([], [])
    end = None
    for number in range(-2, rounds[1]):
        if number == 0:
            end = time.monotonic() + seconds
        if number >= rounds[0] and time.monotonic() > end:
            break
        for index in (0, 1) if number % 2 == 0 else (1, 0):
            milliseconds = (a, b)[index]()
            if number >= 0:
                results[index].append(milliseconds)
    return Comparison(*results)
