"""Speaks a corpus: ``python -m voices.corpus --out DIR --count N --seed S --jobs J``.

Hands whole shards to worker processes, collects what they say and writes the shards.
An engine is native code that may hang or crash on a sentence: a worker that stays
silent too long or dies is replaced, the sentence is counted and left out, and the
shard goes on after it.  Finished shards are skipped at the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from tqdm import tqdm

from voices import roster, shards
from voices.saying import Order, Plan, load_source, work
from voices.speaker import SAMPLE_RATE, EngineMissing

log = logging.getLogger("voices.corpus")

TIME_LIMIT_S = 60.0
"""A worker that says nothing for so long is replaced (generous: the machine may be busy)."""

_START_LIMIT_S = 180.0
_SPAWN = multiprocessing.get_context("spawn")  # a fork would share the engines' state


class Worker:
    """One worker process and the shard it is speaking."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.order: Order | None = None
        self.next = 0
        self.said: list[shards.Utterance] = []
        self._start()

    def _start(self) -> None:
        self.channel: Connection
        self.channel, theirs = _SPAWN.Pipe()
        self._process: BaseProcess = _SPAWN.Process(
            target=work, args=(self._plan, theirs), daemon=False
        )
        self._process.start()
        theirs.close()
        self.deadline = time.monotonic() + _START_LIMIT_S

    def give(self, order: Order) -> None:
        """Starts a shard."""
        self.order, self.next, self.said = order, order.first, []
        self.channel.send(order)

    def heard(self) -> None:
        """The worker has answered: its time starts anew."""
        self.deadline = time.monotonic() + TIME_LIMIT_S

    def replace(self) -> None:
        """Ends the process and lets a new one go on after the sentence that ended it."""
        self.stop()
        self._start()
        if self.order is not None:
            self.next += 1
            self.channel.send(Order(self.order.shard, self.next, self.order.last))

    def stop(self) -> None:
        """Ends the process at once."""
        self.channel.close()
        self._process.kill()
        self._process.join()


class Corpus:
    """Speaks the missing shards of a folder."""

    def __init__(self, folder: Path, count: int, plan: Plan) -> None:
        self._folder, self._count, self._plan = folder, count, plan
        self.tally: Counter[str] = Counter()
        self.samples = 0
        self.problems: Counter[str] = Counter()

    def missing(self) -> deque[Order]:
        """Orders for the shards not yet written; counts the sound of the others."""
        orders: deque[Order] = deque()
        for shard in range(-(-self._count // shards.SHARD_SIZE)):
            size = min(shards.SHARD_SIZE, self._count - shard * shards.SHARD_SIZE)
            path = shards.shard_path(self._folder, shard)
            if path.exists():
                self.samples += shards.total_samples(path)
                self.tally["skipped"] += size
            else:
                orders.append(Order(shard, 0, size))
        return orders

    def speak(self, jobs: int) -> None:
        """Speaks and writes every missing shard with ``jobs`` processes."""
        orders = self.missing()
        with contextlib.ExitStack() as stack:
            bar = stack.enter_context(
                tqdm(total=self._count, initial=self.tally["skipped"], unit="utt", smoothing=0.05)
            )
            workers: list[Worker] = []
            for _ in range(min(jobs, len(orders))):
                workers.append(Worker(self._plan))
                stack.callback(workers[-1].stop)
                workers[-1].give(orders.popleft())
            while any(worker.order for worker in workers):
                self._round(workers, orders, bar)

    def _round(self, workers: list[Worker], orders: deque[Order], bar: "tqdm[None]") -> None:
        busy = {worker.channel: worker for worker in workers if worker.order}
        for channel in wait(list(busy), timeout=1.0):
            worker = busy[channel]  # type: ignore[index]
            try:
                number, utterance, problem = worker.channel.recv()
            except (EOFError, OSError):
                self._lose(worker, "crashed", bar)
            else:
                worker.heard()
                worker.next = number + 1
                self._count_answer(worker, utterance, problem)
                bar.update(1)
            self._finish_if_done(worker, orders)
        for worker in workers:
            if worker.order and time.monotonic() > worker.deadline:
                self._lose(worker, "hung", bar)
                self._finish_if_done(worker, orders)
        bar.set_postfix_str(f"{self.hours:.2f} h, {self.failures} left out", refresh=False)

    def _count_answer(
        self, worker: Worker, utterance: shards.Utterance | None, problem: str | None
    ) -> None:
        if utterance is not None:
            worker.said.append(utterance)
            self.samples += len(utterance.samples)
            self.tally["spoken"] += 1
        elif problem is not None:
            self.tally["failed"] += 1
            self.problems[problem[:120]] += 1
        else:
            self.tally["too long"] += 1

    def _lose(self, worker: Worker, how: str, bar: "tqdm[None]") -> None:
        assert worker.order is not None
        log.warning(
            "an engine %s at sentence %d of shard %d", how, worker.next, worker.order.shard
        )
        self.tally[how] += 1
        if self.tally["crashed"] + self.tally["hung"] > 50 + self.tally["spoken"] // 100:
            raise RuntimeError(
                "more than 1 % of the sentences end a worker. hint: run one engine after the "
                "other with voices.available_engines() to see which is broken"
            )
        worker.replace()
        bar.update(1)

    def _finish_if_done(self, worker: Worker, orders: deque[Order]) -> None:
        if worker.order is None or worker.next < worker.order.last:
            return
        shards.write(shards.shard_path(self._folder, worker.order.shard), worker.said)
        worker.order, worker.said = None, []
        if orders:
            worker.give(orders.popleft())
            worker.heard()

    @property
    def hours(self) -> float:
        """Sound so far, in hours."""
        return self.samples / SAMPLE_RATE / 3600

    @property
    def failures(self) -> int:
        """Sentences that no shard holds, though they were short enough."""
        return self.tally["failed"] + self.tally["crashed"] + self.tally["hung"]


def _check_settings(folder: Path, settings: dict[str, object]) -> None:
    """Refuses to mix two corpora in one folder; ``ValueError``."""
    path = folder / "corpus.json"
    wanted = json.dumps(settings, indent=1, sort_keys=True)
    if path.exists() and path.read_text(encoding="utf-8") != wanted:
        raise ValueError(
            f"{path} was made with other settings. hint: give the same ones, or another --out"
        )
    path.write_text(wanted, encoding="utf-8")


def _arguments(argv: Iterable[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="voices.corpus", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--count", type=int, required=True, help="sentences to speak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--held-out", action="store_true", help="speakers kept out of training")
    parser.add_argument("--piper-voices", help="folder of Piper voices (*.onnx)")
    parser.add_argument("--domain", action="append", default=[], help="a domain folder (repeat)")
    parser.add_argument("--phrases", default="", help="folder of the phrase files")
    parser.add_argument(
        "--held-out-sentences", action="store_true", help="sentences kept out of training"
    )
    parser.add_argument(
        "--source",
        default="voices.source:domains",
        help="another source of sentences, module:callable (a small one: voices.standin:Source)",
    )
    parser.add_argument(
        "--sentences", help="say the sentences of this JSON file (spoken, text, kind) instead"
    )
    return parser.parse_args(list(argv) if argv is not None else None)


def _source_options(options: argparse.Namespace) -> dict[str, object]:
    """Keyword arguments of the standard source; others are called without any."""
    if options.sentences:
        return {"file": options.sentences}
    if options.source != "voices.source:domains":
        return {}
    return {
        "folders": options.domain,
        "phrases": options.phrases,
        "held_out": options.held_out_sentences,
    }


def main(argv: Iterable[str] | None = None) -> int:
    """The command; 0 when every shard is there, 2 when it could not be set up."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    options = _arguments(argv)
    if options.sentences:
        options.source = "voices.source:fixed"
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="voices-") as scratch:
        plan = Plan(
            seed=options.seed,
            held_out=options.held_out,
            source=options.source,
            source_options=_source_options(options),
            piper_voices=options.piper_voices,
            scratch=scratch,
        )
        try:
            if options.piper_voices:
                roster.use_piper_voices(options.piper_voices)
            load_source(plan)  # a mistake in a phrase file shows here, not in every worker
            crowd = roster.speakers(options.held_out)
            per_engine = Counter(speaker.engine for speaker in crowd)
            log.info("speakers: %s", ", ".join(f"{k} {v}" for k, v in per_engine.items()))
            settings = {"count": options.count, "seed": options.seed, "engines": per_engine,
                        "held_out": options.held_out, "source": options.source,
                        "source_options": _source_options(options)}  # fmt: skip
            _check_settings(options.out, settings)
        except (EngineMissing, ImportError, ValueError) as cause:
            log.error("%s", cause)
            return 2
        corpus = Corpus(options.out, options.count, plan)
        corpus.speak(max(1, options.jobs))
    for problem, times in corpus.problems.most_common(5):
        log.warning("%d ×: %s", times, problem)
    log.info("%.2f h; %s", corpus.hours, dict(corpus.tally))
    return 0


if __name__ == "__main__":
    sys.exit(main())
