"""Trains the recogniser: processes of one thread each, one model in shared memory.

Each process computes the gradient of its part of the batch; then each updates its share of the model in
place. Nothing waits on a thread pool, so a busy machine slows the training in proportion and no more. On a
GPU one process does all.

    python train.py --speech DIR --out DIR --steps N [--resume] [--init CHECKPOINT]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

import checkpoint
import evaluate
import ggml
import pretrained
from data import Batch, Corpus, Examples, noise_pool, plan
from network import BLANK, Recognizer, Shape


def losses(model: Recognizer, batch: Batch, held: int = 0, phonemes: bool = True) -> tuple[Tensor, Tensor]:
    """Cross entropy per token, and the phonemes' CTC loss per phoneme; `held`: layers that do not learn."""
    heard = model.encode(batch.mel, held)
    scores = model.decode(batch.rows_in, heard, batch.keep)
    words = F.cross_entropy(scores.flatten(0, 1), batch.rows_out.flatten())
    if not phonemes:
        return words, torch.zeros(())
    sounds = model.phonemes(heard).log_softmax(-1).transpose(0, 1)
    ctc = F.ctc_loss(
        sounds,
        batch.phonemes,
        batch.positions.clamp(max=heard.shape[1]),
        batch.phoneme_counts,
        blank=BLANK,
        zero_infinity=True,
    )
    return words, ctc


def orthogonal(gradient: Tensor) -> Tensor:
    """The nearest matrix with equal singular values, by five Newton-Schulz steps (Jordan et al., Muon, 2024)."""
    x = gradient / (gradient.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if tall else x


class Share:
    """The part of the model that one process updates: Muon for matrices inside blocks, AdamW for the rest.

    `gentle` is AdamW for all: Muon turns the weights of a finished model too far.
    """

    def __init__(self, model: Recognizer, rank: int, ranks: int, gentle: bool = False):
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        self.matrix = {n: p.ndim == 2 and ".blocks." in n and not gentle for n, p in named}
        load = [0.0] * ranks
        self.mine: list[str] = []
        cost = lambda item: (10 * min(item[1].shape) if self.matrix[item[0]] else 1) * item[1].numel()
        for name, parameter in sorted(named, key=cost, reverse=True):
            lightest = load.index(min(load))
            load[lightest] += cost((name, parameter))
            if lightest == rank:
                self.mine.append(name)
        self.state: dict[str, dict[str, Tensor]] = {}

    @torch.no_grad()
    def update(self, name: str, p: Tensor, g: Tensor, lr: float, step: int) -> None:
        state = self.state.setdefault(name, {})
        if self.matrix[name]:
            momentum = state.setdefault("m", torch.zeros_like(p))
            momentum.lerp_(g, 0.05)
            change = orthogonal(g.lerp(momentum, 0.95)) * (0.2 * math.sqrt(max(p.shape)))
        else:
            first = state.setdefault("m", torch.zeros_like(p))
            second = state.setdefault("v", torch.zeros_like(p))
            first.lerp_(g, 0.1)
            second.lerp_(g * g, 0.02)
            change = first / (1 - 0.9**step) / ((second / (1 - 0.98**step)).sqrt() + 1e-8)
        if p.ndim >= 2 and "positional" not in name:
            p.mul_(1 - lr * 0.02)
        p.add_(change, alpha=-lr)


def learning_rate(peak: float, step: int, steps: int, cooldown: float, warmup: int = 300) -> float:
    """Warm-up, plateau, then linear to nothing over the last part (`cooldown`, 0..1)."""
    rest = (steps - step) / max(1.0, steps * cooldown)
    return peak * min(1.0, (step + 1) / warmup, max(0.0, rest))


def run(rank: int, a: argparse.Namespace, job: dict) -> None:
    """One process of the training."""
    torch.set_num_threads(1 if a.jobs > 1 else max(1, a.threads))
    torch.manual_seed(a.seed * 1000 + rank)
    device = a.device
    model: Recognizer = job["model"]
    if device != "cpu":
        model = model.to(device)
    model.train()
    grads, ema, norms, barrier = job["grads"], job["ema"], job["norms"], job["barrier"]
    names = [n for n, _ in model.named_parameters()]
    parameters = dict(model.named_parameters())
    spans, at = {}, 0
    for n in names:
        spans[n] = (at, at + parameters[n].numel())
        at += parameters[n].numel()
    share = Share(model, rank, a.jobs, a.gentle)
    pace = {n: a.encoder_rate if n.startswith("whisper.encoder.") else 3.0 if a.gentle and n.startswith("phonemes") else 1.0 for n in names}
    share.state = {n: s for n, s in job["state"].items() if n in set(share.mine)}
    examples = Examples(job["corpus"], job["noise"], model.rows.cpu(), a.seed)
    seconds = job["corpus"].seconds()
    step, epoch, position = job["step"], job["epoch"], job["position"]
    batches = plan(seconds, a.seed, epoch, a.seconds)
    bar = tqdm(total=a.steps, initial=step, disable=rank > 0, unit="step", mininterval=5, dynamic_ncols=True)
    sums, began = np.zeros(3), time.time()
    while step < a.steps and not job["stop"][0]:
        if position >= len(batches):
            epoch, position = epoch + 1, 0
            batches = plan(seconds, a.seed, epoch, a.seconds)
        progress = step / a.steps
        amount = a.amount if a.amount >= 0 else min(1.0, 0.1 + max(0.0, (progress - 0.05) / 0.5))
        batch = batches[position]
        position += 1
        mine = batch[rank :: a.jobs]
        ctc_weight = a.phonemes if a.phonemes >= 0 else 1.0 if progress < 0.3 else 0.6
        held = model.shape.encoder_layers if step < a.hold else a.held
        model.zero_grad(set_to_none=True)
        if mine:
            made = examples.batch(mine, epoch, amount, withhold=a.withhold, key=batch[0]).to(device)
            words, ctc = losses(model, made, held, ctc_weight > 0)
            ((words + ctc_weight * ctc) * (len(mine) / len(batch))).backward()
            sums += [float(words.detach()), float(ctc.detach()), 1]
        for n in share.mine if a.jobs == 1 else names:
            g = parameters[n].grad
            lo, hi = spans[n]
            if g is None:
                grads[rank, lo:hi] = 0
            else:
                grads[rank, lo:hi] = g.reshape(-1).cpu() if device != "cpu" else g.reshape(-1)
        barrier.wait()
        mean = {n: grads[:, slice(*spans[n])].sum(0).view_as(parameters[n]) for n in share.mine}
        norms[rank] = sum(float(g.square().sum()) for g in mean.values())
        # One process looks at the clock: all must take the same number of steps.
        if rank == 0 and time.time() - began > a.minutes * 60:
            job["stop"][0] = 1
        barrier.wait()
        norm = math.sqrt(float(norms.sum()))
        clip = min(1.0, 2.0 / (norm + 1e-6))
        lr = learning_rate(a.rate, step, a.steps, a.cooldown, a.warmup)
        decay = min(0.999, (step + 1) / (step + 20))
        for n in share.mine:
            p = parameters[n].data
            if math.isfinite(norm) and not model.is_held(n, held):
                share.update(n, p, mean[n].to(device) * clip, lr * pace[n], step + 1)
            ema[slice(*spans[n])].lerp_(p.reshape(-1).cpu(), 1 - decay)
        barrier.wait()
        step += 1
        bar.update()
        if step % a.tell_every == 0 and rank == 0:
            w, c, k = sums
            bar.write(
                f"step {step} epoch {epoch} words {w / k:.3f} phonemes {c / k:.3f} norm {norm:.2f} lr {lr:.2e} "
                f"amount {amount:.2f} {(time.time() - began) / 60:.1f} min"
            )
            sums[:] = 0
        if step % a.save_every == 0 or step == a.steps:
            job["shared_state"](rank, share.state)
            barrier.wait()
            if rank == 0:
                save(a, job, model, step, epoch, position, spans)
            barrier.wait()
        if step % a.check_every == 0 or step == a.steps:
            if rank == 0:
                check(a, job, model, spans, step, bar)
            barrier.wait()
    job["shared_state"](rank, share.state)
    barrier.wait()
    if rank == 0:
        save(a, job, model, step, epoch, position, spans)


def process(rank: int, a: argparse.Namespace, job: dict) -> None:
    """`run`, such that no other process waits for one that failed."""
    try:
        run(rank, a, job)
    except BaseException:
        job["barrier"].abort()
        raise


def averaged(model: Recognizer, ema: Tensor, spans: dict[str, tuple[int, int]]) -> dict[str, Tensor]:
    """The running mean of the weights: steadier than the last ones."""
    return {n: ema[slice(*spans[n])].view_as(p).clone() for n, p in model.named_parameters()}


def save(a, job, model, step, epoch, position, spans) -> None:
    state = {}
    for rank in range(a.jobs):
        state.update(torch.load(Path(a.out) / f"state-{rank}.pt", weights_only=True))
    checkpoint.save(
        Path(a.out) / "last.pt",
        shape=model.shape,
        used=model.used,
        weights={n: p.detach().cpu().clone() for n, p in model.named_parameters()},
        averaged=averaged(model, job["ema"], spans),
        optimizer=state,
        step=step,
        epoch=epoch,
        position=position,
        settings={k: str(v) for k, v in vars(a).items()},
    )


def check(a, job, model, spans, step, bar) -> None:
    """Word error rates with the averaged weights, on the small sets given by --check."""
    kept = {n: p.detach().clone() for n, p in model.named_parameters()}
    for n, w in averaged(model, job["ema"], spans).items():
        dict(model.named_parameters())[n].data.copy_(w)
    model.eval()
    torch.set_num_threads(max(1, a.threads))
    lines = [f"{name} {evaluate.quick(model, corpus, a.seed):.1%}" for name, corpus in job["checks"].items()]
    torch.set_num_threads(1 if a.jobs > 1 else max(1, a.threads))
    bar.write(f"== step {step} word error rate: " + ", ".join(lines))
    model.train()
    for n, w in kept.items():
        dict(model.named_parameters())[n].data.copy_(w)


def initial(path: Path, used: list[int], a: argparse.Namespace) -> Recognizer:
    """The model to go on from: a checkpoint of ours, our ggml file, or a published Whisper model."""
    if path.suffix == ".bin" and pretrained.is_general(path):
        return pretrained.recognizer(path, used, a.keep_encoder, a.keep_decoder)
    if path.suffix == ".bin":
        return ggml.recognizer(path, used)
    return checkpoint.recognizer(checkpoint.load(path), used=used)


def prepare(a: argparse.Namespace) -> dict:
    """What all processes share: the speech, the model, room for gradients."""
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus.load(Path(a.speech))
    for more in a.more:
        folder, _, times = more.partition(":")
        extra = Corpus.load(Path(folder))
        for _ in range(int(times or 1)):
            corpus = corpus.joined_with(extra)
    if a.again:
        corpus = corpus.joined_with(corpus.of_kinds(a.again))
    job = {"corpus": corpus, "noise": noise_pool(corpus, a.seed, a.noise_minutes), "state": {}, "step": 0, "epoch": 0, "position": 0}
    job["checks"] = {Path(c).name: Corpus.load(Path(c)) for c in a.check}
    last = out / "last.pt"
    if a.resume and last.exists():
        saved = checkpoint.load(last)
        job |= {"state": saved["optimizer"], "step": saved["step"], "epoch": saved["epoch"], "position": saved["position"]}
        model = checkpoint.recognizer(saved, weights="weights")
        ema = saved["averaged"]
    else:
        used = json.loads(Path(a.tokens).read_text())
        if a.init:
            model = initial(Path(a.init), used, a)
        else:
            torch.manual_seed(a.seed)
            model = Recognizer(Shape(encoder_layers=a.encoder_layers), used)
        ema = {n: p.detach() for n, p in model.named_parameters()}
    for parameter in model.parameters():
        parameter.share_memory_()
    job["model"] = model
    job["ema"] = torch.cat([ema[n].reshape(-1) for n, _ in model.named_parameters()]).clone().share_memory_()
    job["grads"] = torch.zeros(a.jobs, job["ema"].numel()).share_memory_()
    job["norms"] = torch.zeros(a.jobs, dtype=torch.float64).share_memory_()
    job["stop"] = torch.zeros(1).share_memory_()
    job["barrier"] = mp.get_context("fork").Barrier(a.jobs)
    job["shared_state"] = lambda rank, state: torch.save(state, out / f"state-{rank}.pt")
    hours = corpus.seconds().sum() / 3600
    count = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"{len(corpus)} utterances, {hours:.1f} h; {count:.1f} million weights, {len(model.used)} tokens; {asdict(model.shape)}")
    return job


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--speech", required=True, help="folder of shards")
    p.add_argument("--more", nargs="*", default=[], help="more folders, FOLDER:TIMES")
    p.add_argument("--again", nargs="*", default=[], help="kinds of sentences that are heard twice as often")
    p.add_argument("--check", nargs="*", default=[], help="folders of shards to measure on while training")
    p.add_argument("--tokens", required=True, help="JSON list of the tokens in use")
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, required=True)
    p.add_argument("--minutes", type=float, default=1e9, help="stop early after so long; --resume goes on")
    p.add_argument("--seconds", type=float, default=120, help="seconds of sound in a step")
    p.add_argument("--rate", type=float, default=1.6e-3)
    p.add_argument("--warmup", type=int, default=300, help="steps until the whole rate is reached")
    p.add_argument("--cooldown", type=float, default=0.4)
    p.add_argument("--amount", type=float, default=-1, help="strength of the channel; -1: rising")
    p.add_argument("--encoder-layers", type=int, default=4)
    p.add_argument("--noise-minutes", type=float, default=30)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--threads", type=int, default=2, help="threads of a measurement")
    p.add_argument("--device", default="cpu")
    p.add_argument("--resume", action="store_true")
    p.add_argument("--init", help="a checkpoint to start from")
    p.add_argument("--keep-encoder", type=int, nargs="*", default=[], help="layers of a published model to keep; none: all")
    p.add_argument("--keep-decoder", type=int, nargs="*", default=[], help="the same for its decoder")
    p.add_argument("--gentle", action="store_true", help="AdamW for all weights, for a model that is nearly right")
    p.add_argument("--encoder-rate", type=float, default=1.0, help="the encoder's part of the rate")
    p.add_argument("--hold", type=int, default=0, help="steps before the encoder learns")
    p.add_argument("--held", type=int, default=0, help="lowest layers of the encoder that never learn")
    p.add_argument("--withhold", type=float, default=0.12, help="share of past tokens that the decoder is not told")
    p.add_argument("--phonemes", type=float, default=-1, help="weight of the phonemes; -1: falling, 0: none")
    p.add_argument("--tell-every", type=int, default=100)
    p.add_argument("--save-every", type=int, default=250)
    p.add_argument("--check-every", type=int, default=500)
    return p.parse_args()


def main() -> None:
    a = arguments()
    if a.device != "cpu":
        a.jobs = 1
    torch.set_num_threads(1)
    job = prepare(a)
    if a.jobs == 1:
        run(0, a, job)
        return
    context = mp.get_context("fork")
    workers = [context.Process(target=process, args=(rank, a, job)) for rank in range(a.jobs)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    if any(w.exitcode for w in workers):
        raise SystemExit("a training process failed; hint: the message is above, `--resume` goes on from the last checkpoint")


if __name__ == "__main__":
    main()
