"""One process that starts the others, starts again what dies, replaces them without losing a request, and ends them.

It knows nothing of Django: it must live through everything that can happen to the code that it runs. Each web process
has a listening socket that stays open here when the process ends, so what comes in meanwhile waits for its successor;
the kernel spreads connections over the sockets (`SO_REUSEPORT`). `docs/adr/0023-one-supervisor.md`.
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from madang.core.reasons import Reason
from madang.kernel import clock, running
from madang.kernel.children import READY, TAKE_NO_MORE
from madang.kernel.running import BEAT_S, GAP, Noticed, State

LINGER_S: Final = 2.0
"""How long a web process that takes no more connections waits for the requests of those that it has just taken."""
GRACE_S: Final = 20.0
"""How long a process may take to finish what it has begun, once it was told to end."""
READY_WITHIN_S: Final = 60.0
"""A process that is not ready by then is ended and started again."""
YOUNG_S: Final = 3.0
"""What dies again and again before it was ready for so long is started again after a while, up to `LONGEST_S`."""
LONGEST_S: Final = 10.0

RELOAD: Final = signal.SIGUSR1


@dataclass(slots=True, eq=False)
class Child:
    """A process that runs. `end_at`: when it will be told to end; `end_by`: it was told, and shall be gone then."""

    process: subprocess.Popen[bytes]
    ready_on: int  # -1: it has said so, or closed it
    born: float
    ready: bool = False
    ready_since: float = 0.0
    end_at: float | None = None
    end_by: float | None = None


@dataclass(slots=True, eq=False)
class Slot:
    """A place for one process: the one that works, and while it is replaced the one that comes.

    `address` is where it listens, if it does; the number of the socket is then the last word of its command.
    """

    name: str
    command: Sequence[str]
    address: Any = None
    listener: socket.socket | None = None
    child: Child | None = None
    coming: Child | None = None
    young_deaths: int = 0
    start_at: float | None = 0.0


@dataclass(slots=True)
class Reload:
    """A replacement that is under way: first the preparation, then slot after slot."""

    preparing: Child | None
    slots: list[Slot] = field(default_factory=list)


def free_address(host: str, port: int) -> Any:
    """The address to listen on, as `socket` has it. Raises `OSError` where somebody else listens there.

    `SO_REUSEPORT` would let a second server of the same user join in silently: so it is first asked without.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, socket.SOCK_STREAM) as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asking.bind(address)
        asking.listen(1)
        return asking.getsockname()


def _listen(address: Any) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if len(address) == 4 else socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(address)
    found.listen(1024)
    return found


def _heard(*_: object) -> None:
    """The number of the signal has gone into the pipe; what is done about it is done in the loop."""


def _how(child: Child) -> str:
    code = child.process.returncode
    return f"signal {-code}" if code < 0 else f"exit {code}"


class Supervisor:
    """`run()` until told to stop. `say` gets every line that an operator should read, `environment` is the children's.

    `web` is the command of the `processes` that serve `listen_on`; each gets the number of its listening socket as its
    last word. `others` are commands by name. `prepare` runs before a replacement; where it fails, there is none.
    """

    def __init__(
        self,
        *,
        listen_on: Any,
        processes: int,
        web: Sequence[str],
        others: Mapping[str, Sequence[str]],
        prepare: Sequence[str],
        address: str,
        say: Callable[[Reason], None],
        environment: Mapping[str, str],
        grace_s: float = GRACE_S,
        hangup_stops: bool = False,
    ) -> None:
        self._web = [Slot(f"web {number}", web, listen_on) for number in range(1, processes + 1)]
        self._slots = [*self._web, *(Slot(name, command) for name, command in others.items())]
        self._prepare, self._say, self._grace_s, self._hangup_stops = prepare, say, grace_s, hangup_stops
        self._environment = {**environment, clock.VARIABLE: clock.anchor()}
        self._ending: list[tuple[str, Child]] = []
        self._reload: Reload | None = None
        self._reload_again = False
        self._stopping = False
        self._started = time.monotonic()
        self._said_ready = False
        self._off_told = 0.0
        self._disk_refused = False
        before = running.state()
        self._state = State(os.getpid(), clock.now(), address, processes=len(self._slots))
        if before is not None:
            self._state.beat_at, self._state.in_order = before.beat_at, before.in_order
            self._state.is_first = False
        self._beat_due = 0.0
        self._selector = selectors.DefaultSelector()

    # -- the loop ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Work until SIGTERM or SIGINT (twice: at once). SIGUSR1 and SIGHUP replace every process by a new one."""
        with self._woken_by_signals() as woken:
            self._selector.register(woken, selectors.EVENT_READ)
            for slot in self._web:
                slot.listener = _listen(slot.address)
            while not (self._stopping and not self._children()):
                for key, _ in self._selector.select(self._wait_s()):
                    if key.fd == woken:
                        for number in os.read(woken, 4096):
                            self._told(signal.Signals(number))
                    else:
                        self._is_ready(key.fd, key.data)
                self._bury()
                self._tick()
        self._state.ready = 0
        self._write_state()

    @contextlib.contextmanager
    def _woken_by_signals(self) -> Iterator[int]:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, RELOAD)
        before = {number: signal.signal(number, _heard) for number in wanted}
        old = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def _told(self, number: signal.Signals) -> None:
        if number in (signal.SIGTERM, signal.SIGINT) or (number == signal.SIGHUP and self._hangup_stops):
            self._stop()
        elif number in (signal.SIGHUP, RELOAD):
            self._begin_reload()

    def _children(self) -> list[tuple[str, Child]]:
        found = [(slot.name, child) for slot in self._slots for child in (slot.child, slot.coming) if child]
        if self._reload and self._reload.preparing:
            found.append(("prepare", self._reload.preparing))
        return found + self._ending

    def _wait_s(self) -> float:
        moments = [self._beat_due]
        moments += [slot.start_at for slot in self._slots if slot.start_at is not None and not self._stopping]
        for _, child in self._children():
            if child.end_at is not None:
                moments.append(child.end_at)
            elif child.end_by is not None:
                moments.append(child.end_by)
            elif not child.ready:
                moments.append(child.born + READY_WITHIN_S)
        return max(0.0, min(moments) - time.monotonic())

    def _tick(self) -> None:
        moment = time.monotonic()
        for slot in self._slots:
            if slot.start_at is not None and slot.start_at <= moment and not self._stopping:
                slot.start_at = None
                if slot.address is not None and slot.listener is None:
                    slot.listener = _listen(slot.address)
                slot.child = self._start(slot.command, slot.listener)
        for name, child in self._children():
            if child.end_at is not None and child.end_at <= moment:
                self._end(child)
            late = child.end_by is None and not child.ready and child.born + READY_WITHIN_S <= moment
            if late or (child.end_by is not None and child.end_by <= moment):
                self._say(Reason("serve_not_ready" if late else "serve_killed", {"name": name}))
                child.process.kill()
                child.end_by = moment + self._grace_s
        if self._beat_due <= moment:
            self._beat()

    # -- children ---------------------------------------------------------------------------------------------------

    def _start(self, command: Sequence[str], listening: socket.socket | None = None) -> Child:
        reading, writing = os.pipe()
        own = [] if listening is None else [listening.fileno()]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter with words of our own
            [*command, *map(str, own)],
            stdin=subprocess.PIPE,  # closes with this process, however it ends: the child notices
            pass_fds=[writing, *own],
            env={**self._environment, READY: str(writing)},
            start_new_session=True,  # Ctrl+C is for the supervisor alone
        )
        os.close(writing)
        child = Child(process, reading, time.monotonic())
        self._selector.register(reading, selectors.EVENT_READ, child)
        return child

    def _is_ready(self, fd: int, child: Child) -> None:
        """It says so; or it has ended, and the pipe with it: `_bury` sees to that."""
        said = os.read(fd, 100) == b"ready\n"
        self._selector.unregister(fd)
        os.close(fd)
        child.ready_on = -1
        if not said or self._stopping:
            return
        child.ready, child.ready_since = True, time.monotonic()
        for slot in self._slots:
            if slot.coming is child:
                if slot.child is not None:
                    self._retire(slot, slot.child)
                slot.child, slot.coming = child, None
                self._next_of_reload()
        self._beat()
        if not self._said_ready and all(slot.child and slot.child.ready for slot in self._slots):
            self._said_ready = True
            seconds = f"{time.monotonic() - self._started:.1f}"
            self._say(
                Reason("serve_ready", {"address": self._state.address, "seconds": seconds, "processes": len(self._web)})
            )

    def _retire(self, slot: Slot, child: Child) -> None:
        """Its successor is ready: a web process first takes no more, so that nobody is cut off between two words."""
        self._ending.append((slot.name, child))
        if slot.address is None:
            self._end(child)
        else:
            child.process.send_signal(TAKE_NO_MORE)
            child.end_at = time.monotonic() + LINGER_S

    def _end(self, child: Child) -> None:
        child.process.terminate()
        child.end_at, child.end_by = None, time.monotonic() + self._grace_s

    def _bury(self) -> None:
        for name, child in self._children():
            if child.process.poll() is None:
                continue
            if child.process.stdin:
                child.process.stdin.close()
            if child.ready_on >= 0:
                self._selector.unregister(child.ready_on)
                os.close(child.ready_on)
            self._is_gone(name, child)

    def _is_gone(self, name: str, child: Child) -> None:
        if (name, child) in self._ending:
            self._ending.remove((name, child))
            return
        if self._reload and child is self._reload.preparing:
            self._prepared(child.process.returncode)
            return
        for slot in self._slots:
            if slot.coming is child:
                slot.coming = None
                if not self._stopping:
                    self._refuse_reload("serve_reload_not_started", {"name": name, "how": _how(child)})
            elif slot.child is child:
                slot.child = None
                if not self._stopping:
                    self._start_again(slot, child)

    def _start_again(self, slot: Slot, dead: Child) -> None:
        """At once, but for what dies young again and again: then after 0.5, 1, 2, ... seconds."""
        young = not dead.ready or time.monotonic() - dead.ready_since < YOUNG_S
        slot.young_deaths = slot.young_deaths + 1 if young else 0
        wait = min(LONGEST_S, 2.0 ** (slot.young_deaths - 3)) if slot.young_deaths > 1 else 0.0
        slot.start_at = time.monotonic() + wait
        if wait >= 2 and slot.listener is not None and len(self._web) > 1:
            slot.listener.close()  # nobody shall wait there so long: the kernel gives the others what comes
            slot.listener = None
        told = {"name": slot.name, "how": _how(dead), "seconds": f"{wait:g}"}
        self._say(Reason("serve_again_later" if wait else "serve_again", told))
        self._write_state()

    # -- replacing ----------------------------------------------------------------------------------------------------

    def _begin_reload(self) -> None:
        if self._stopping:
            return
        if self._reload is not None:  # what is under way may have read the old code: once more afterwards
            self._reload_again = True
            return
        preparing = self._start(self._prepare)
        preparing.ready = True  # it says nothing: it ends
        self._reload = Reload(preparing)

    def _prepared(self, code: int) -> None:
        reload = self._reload
        if reload is None or self._stopping:
            return
        reload.preparing = None
        if code:
            self._refuse_reload("serve_reload_not_prepared", {"code": code})
            return
        reload.slots = list(self._slots)
        self._next_of_reload()

    def _next_of_reload(self) -> None:
        reload = self._reload
        if reload is None or self._stopping:
            return
        while reload.slots:
            slot = reload.slots.pop(0)
            if slot.child is not None:
                slot.coming = self._start(slot.command, slot.listener)
                return
            slot.start_at = 0.0  # it waits for its next try: with the new code, now
        self._state.reloads += 1
        self._end_reload(Reason("serve_reloaded"))

    def _refuse_reload(self, code: str, params: dict[str, Any]) -> None:
        if self._reload is None:
            return
        self._state.refused += 1
        self._end_reload(Reason(code, params))

    def _end_reload(self, reason: Reason) -> None:
        self._reload = None
        self._say(reason)
        self._write_state()
        if self._reload_again:
            self._reload_again = False
            self._begin_reload()

    # -- stopping -----------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """No new connection; what is under way is finished, within the grace. Told twice: at once."""
        again, self._stopping = self._stopping, True
        if not again:
            self._say(Reason("serve_stopping", {"seconds": f"{self._grace_s:g}"}))
            if self._serves():
                self._state.beat_at, self._state.in_order = clock.now(), True
        for slot in self._web:
            if slot.listener is not None:
                slot.listener.close()
                slot.listener = None
        for _, child in self._children():
            if again:
                child.process.kill()
            elif child.end_by is None:
                self._end(child)

    # -- beats --------------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        self._beat_due = time.monotonic() + BEAT_S
        self._state.ready = sum(1 for slot in self._slots if slot.child and slot.child.ready)
        if self._serves() and not self._stopping:
            self._notice_silence()
            self._state.beat_at, self._state.in_order = clock.now(), False
        self._watch_clock()
        self._write_state()

    def _serves(self) -> bool:
        return any(slot.child is not None and slot.child.ready for slot in self._web)

    def _notice_silence(self) -> None:
        """Since the last beat, of this run or of the one before."""
        last, moment = self._state.beat_at, clock.now()
        if last is None:
            return
        if moment - last > GAP:
            detail = "stopped" if self._state.in_order else "died"
            self._notice(Noticed("down", last, moment, detail))
        elif last > moment:
            seconds = (last - moment).total_seconds()
            self._notice(Noticed("clock", moment, moment, f"back {seconds:.0f}"))
            self._say(Reason("serve_clock_went_back", {"seconds": f"{seconds:.0f}"}))

    def _watch_clock(self) -> None:
        """Told once for each time that somebody sets the machine's clock; ours goes on."""
        off = clock.off_s()
        self._state.off_s = round(off, 1)
        if abs(off - self._off_told) <= clock.JUMP_S:
            return
        self._off_told = off
        if abs(off) <= clock.JUMP_S:
            self._say(Reason("serve_clock_agrees"))
            return
        way = "ahead" if off > 0 else "behind"
        self._say(Reason(f"serve_clock_{way}", {"seconds": f"{abs(off):.0f}"}))
        self._notice(Noticed("clock", clock.now(), clock.now(), f"{way} {abs(off):.0f}"))

    def _notice(self, outage: Noticed) -> None:
        try:
            running.notice(outage)
        except OSError as error:
            self._say(Reason("serve_disk", {"system": error.strerror or str(error)}))

    def _write_state(self) -> None:
        """A full disk must not end the supervisor: it is said, and tried again at the next beat."""
        try:
            running.write_state(self._state)
            self._disk_refused = False
        except OSError as error:
            if not self._disk_refused:
                self._disk_refused = True
                self._say(Reason("serve_disk", {"system": error.strerror or str(error)}))
