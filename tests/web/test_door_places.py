"""Places and lines alone: who goes in next, and who is sent away."""

from collections import Counter

import pytest

from madang.web.door.places import Gate, Line, Places, State, Ticket


class Turns:
    """Places with a clock set by hand; `served` are the clients in the order in which they came in."""

    def __init__(self, *lines: Line) -> None:
        self.at = 0.0
        self.places = Places(lines, lambda: self.at)
        self.served: list[str] = []
        self.inside: list[Ticket] = []

    def ask(self, line: Line, client: str) -> Ticket:
        ticket = self.places.ask(line, client)

        def woken() -> None:
            if ticket.state is State.IN:
                self.served.append(client)
                self.inside.append(ticket)

        ticket.woken = woken
        if ticket.state is State.IN:
            woken()
        return ticket

    def work(self, times: int = 1, seconds: float = 0.01) -> None:
        """The one that has been in longest leaves, so many times."""
        for _ in range(times):
            self.at += seconds
            self.places.leave(self.inside.pop(0))


def test_no_more_are_in_than_there_are_places() -> None:
    gate = Gate("main", 2)
    line = Line("pages", ((gate,),))
    turns = Turns(line)
    tickets = [turns.ask(line, "a") for _ in range(5)]
    assert [ticket.state for ticket in tickets] == [State.IN] * 2 + [State.WAITS] * 3
    turns.work(3)
    assert [ticket.state for ticket in tickets] == [State.OUT] * 3 + [State.IN] * 2
    turns.work(2)
    assert (gate.taken, line.waiting, line.clients) == (0, 0, {})


def test_clients_take_turns_however_many_requests_one_has() -> None:
    line = Line("pages", ((Gate("main", 1),),))
    turns = Turns(line)
    turns.ask(line, "first")
    for _ in range(200):
        turns.ask(line, "greedy")
    for client in ("b", "c", "b"):
        turns.ask(line, client)
    turns.work(8)
    assert turns.served == ["first", "greedy", "b", "c", "greedy", "b", "greedy", "greedy", "greedy"]


def test_a_press_goes_before_everybody_and_through_either_gate() -> None:
    main, press = Gate("main", 1), Gate("press", 1)
    presses, pages = Line("press", ((press,), (main,)), share=0), Line("pages", ((main,),))
    turns = Turns(presses, pages)
    turns.ask(pages, "reader")
    for n in range(3):
        turns.ask(pages, f"waits {n}")
    assert turns.ask(presses, "p1").state is State.IN  # its own gate
    assert turns.ask(presses, "p2").state is State.WAITS
    turns.work()  # the reader leaves: the press takes that place, before those who waited longer
    assert turns.served == ["reader", "p1", "p2"]
    turns.work(4)
    assert turns.served[3:] == ["waits 0", "waits 1", "waits 2"]


def test_lines_share_by_their_shares_and_none_stands_still() -> None:
    main = Gate("main", 1)
    known, visitors = Line("known", ((main,),), share=4), Line("visitors", ((main,),), share=1)
    turns = Turns(known, visitors)
    turns.ask(known, "k")
    for n in range(50):
        turns.ask(known, f"k{n}")
        turns.ask(visitors, f"v{n}")
    turns.work(50)
    assert Counter(name[0] for name in turns.served[1:]) == {"k": 40, "v": 10}
    assert all("v" in "".join(name[0] for name in turns.served[n : n + 6]) for n in range(1, 40))


def test_a_line_whose_gate_is_full_holds_up_no_other() -> None:
    main, writers = Gate("main", 3), Gate("writers", 1)
    writes, pages = Line("writes", ((main, writers),), share=4), Line("pages", ((main,),))
    turns = Turns(writes, pages)
    assert [turns.ask(writes, f"w{n}").state for n in range(3)] == [State.IN, State.WAITS, State.WAITS]
    assert [turns.ask(pages, f"p{n}").state for n in range(3)] == [State.IN, State.IN, State.WAITS]
    turns.places.leave(turns.inside.pop(1))  # a page leaves: no second writer may come in, a page may
    assert turns.served == ["w0", "p0", "p1", "p2"]
    assert (main.taken, writers.taken) == (3, 1)


def test_whoever_leaves_the_line_is_not_missed() -> None:
    line = Line("pages", ((Gate("main", 1),),))
    turns = Turns(line)
    tickets = [turns.ask(line, client) for client in "abcb"]
    turns.places.leave(tickets[1])
    turns.places.leave(tickets[2])
    turns.work()
    assert turns.served == ["a", "b"]
    assert turns.inside == [tickets[3]]
    turns.work()
    assert line.waiting == turns.places.waiting == 0


def test_of_a_full_line_whoever_has_most_gives_up_the_newest() -> None:
    line = Line("pages", ((Gate("main", 1),),), most=4)
    turns = Turns(line)
    tickets = [turns.ask(line, "greedy") for _ in range(5)]
    late = turns.ask(line, "late")
    assert late.state is State.WAITS
    assert [ticket.state for ticket in tickets] == [State.IN, *[State.WAITS] * 3, State.SHED]
    assert turns.ask(line, "greedy").state is State.SHED
    assert turns.ask(line, "other").state is State.WAITS  # two of "greedy" are left now
    assert line.waiting == 4
    assert turns.ask(line, "late").state is State.SHED  # who has as many as anybody gives way


def test_nobody_is_made_to_wait_longer_than_is_stated() -> None:
    line = Line("pages", ((Gate("main", 1),),), patience=10)
    turns = Turns(line)
    for n in range(5):
        turns.ask(line, f"a{n}")
    turns.work(3, seconds=30)  # one every thirty seconds
    late = turns.ask(line, "late")
    assert (late.state, late.ahead) == (State.SHED, 1)
    assert late.expected > 10
    presses = Line("press", (((line.ways[0][0]),),), share=0)
    assert turns.ask(presses, "press").state is State.WAITS  # a line without patience keeps everybody


def test_what_is_expected_is_what_comes_true() -> None:
    line = Line("pages", ((Gate("main", 2),),), patience=10)
    turns = Turns(line)
    for n in range(40):
        turns.ask(line, f"a{n % 8}")
    turns.work(20, seconds=0.1)
    asked = turns.ask(line, "new")
    began = turns.at
    assert asked.ahead == 8  # one of each that waits
    while asked.state is State.WAITS:
        turns.work(seconds=0.1)
    assert turns.at - began == pytest.approx(asked.expected, rel=0.15)


def test_a_line_that_stands_still_is_as_slow_as_it_looks() -> None:
    line = Line("pages", ((Gate("main", 1),),), patience=10)
    turns = Turns(line)
    turns.ask(line, "works for long")
    turns.ask(line, "waits")
    turns.at = 6.0
    assert turns.ask(line, "late").state is State.SHED


def test_giving_up_comes_too_late_for_whoever_is_in() -> None:
    line = Line("pages", ((Gate("main", 1),),))
    turns = Turns(line)
    first, second = turns.ask(line, "a"), turns.ask(line, "b")
    turns.places.give_up(first)
    turns.places.give_up(second)
    assert (first.state, second.state, line.waiting) == (State.IN, State.SHED, 0)
    turns.places.leave(second)
    turns.work()
    assert line.ways[0][0].taken == 0
