"""Trains the network for a fixed number of steps.

    python -m training.train DATA WORK --steps N --decay N

Two processes of one thread each, which add up their gradients once a step: on a busy machine that waits far less than
one process of two threads. The learning rate follows the step and not the clock, and batches follow the seed, so the
same command gives the same sequence of batches. Checkpoints hold all that is needed to go on (--resume).

Here: batches, learning rate, optimisers, checkpoints. Not here: data (corpus.py), layers (network.py).
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import sentencepiece
import torch
import torch.distributed as dist
from torch import Tensor

from training.corpus import BEGIN, END, PADDING, Corpus, Sentence, mask, read_corpus
from training.generate import SEED
from training.network import Batch, Network, Size

PROCESSES = 2
SHARES = {"verses": 0.36, "synthetic": 0.23, "masked": 0.13, "names": 0.16, "talpco": 0.06, "tico": 0.06}
"""Which part of the sentences comes from where; masked is synthetic with names hidden."""
BATCH_PIECES = 4_000
"""Source and target, padding included, for each process and step."""
PEAK_RATE, WARM_STEPS, LEAST_RATE = 2e-3, 40, 0.02
SMOOTHING = 0.1
RARER_PIECES = 0.15
"""Share of sources cut into other pieces than usual, so that unseen words are not a surprise."""
LONGEST_SOURCE, LONGEST_TARGET = 200, 160
ROUND = 6_000
"""Sentences drawn at a time and sorted by length, so that batches hold little padding."""

Row = tuple[list[int], list[int]]


class Batches:
    """Endless batches; a round of them depends only on seed, process and the number of the round."""

    def __init__(self, corpus: Corpus, work: Path, process: int) -> None:
        """Loads both vocabularies."""
        self.source, self.target = (
            sentencepiece.SentencePieceProcessor(model_file=str(work / f"{side}.spm")) for side in ("source", "target")
        )
        self.pools = {name: corpus.train["synthetic" if name == "masked" else name] for name in SHARES}
        self.process = process
        sentencepiece.set_random_generator_seed(SEED + process)

    def round(self, number: int) -> list[Batch]:
        """The batches of one round."""
        rng = random.Random(f"{SEED} {self.process} {number}")
        chosen = rng.choices(list(SHARES), weights=list(SHARES.values()), k=ROUND)
        rows = sorted(
            (self._row(name, rng) for name in chosen), key=lambda row: (len(row[0]) + len(row[1]), len(row[0]))
        )
        batches = [padded(group) for group in grouped(rows)]
        rng.shuffle(batches)
        return batches

    def _row(self, name: str, rng: random.Random) -> Row:
        pair = rng.choice(self.pools[name])
        if name == "masked":
            pair = mask(pair, rng)
        source, target = self.encoded(pair)
        if rng.random() < RARER_PIECES:
            source = self.source.encode(pair.my, enable_sampling=True, alpha=0.1)[:LONGEST_SOURCE]
        return source, target

    def encoded(self, pair: Sentence) -> Row:
        """Piece numbers, cut to the longest that is learnt."""
        return self.source.encode(pair.my)[:LONGEST_SOURCE], self.target.encode(pair.en)[:LONGEST_TARGET]


def grouped(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Consecutive rows, as many as fit into a batch with their padding."""
    group: list[Row] = []
    source = target = 0
    for row in rows:
        source, target = max(source, len(row[0])), max(target, len(row[1]) + 1)
        if group and (source + target) * (len(group) + 1) > BATCH_PIECES:
            yield group
            group, source, target = [], len(row[0]), len(row[1]) + 1
        group.append(row)
    if group:
        yield group


def padded(rows: Sequence[Row]) -> Batch:
    """The rows as tensors."""

    def tensor(lists: list[list[int]]) -> Tensor:
        longest = max(map(len, lists))
        return torch.tensor([row + [PADDING] * (longest - len(row)) for row in lists])

    return Batch(
        tensor([source for source, _ in rows]),
        tensor([[BEGIN, *target] for _, target in rows]),
        tensor([[*target, END] for _, target in rows]),
    )


def rate(step: int, steps: int, decay: int) -> float:
    """Up in a line, flat, and down in a line over the last steps."""
    return PEAK_RATE * min(1.0, (step + 1) / WARM_STEPS) * max(LEAST_RATE, min(1.0, (steps - step) / decay))


class Trainer:
    """Network and optimisers of one process. Muon for the matrices, each process its half; AdamW for all else."""

    def __init__(self, network: Network, process: int) -> None:
        """Both processes begin with the same weights."""
        self.network, self.process = network, process
        self.matrices = network.matrices()
        self.parameters = [*self.matrices, *network.vectors()]
        self.own = self.matrices[process::PROCESSES]
        self.muon = torch.optim.Muon(
            self.own, lr=PEAK_RATE, momentum=0.95, weight_decay=0.02, adjust_lr_fn="match_rms_adamw", ns_steps=4
        )
        self.adam = torch.optim.AdamW(network.vectors(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True)

    def step(self, batch: Batch, learning_rate: float) -> tuple[float, int]:
        """One step on the batches of all processes: summed loss in nats and number of target pieces."""
        with torch.autocast("cpu", torch.bfloat16):
            loss, pieces = self.network.loss(batch, SMOOTHING)
        loss.backward()
        gradients = [parameter.grad for parameter in self.parameters]
        added = torch.cat(
            [*(gradient.reshape(-1) for gradient in gradients), torch.tensor([float(loss.detach()), float(pieces)])]
        )
        dist.all_reduce(added)
        total, everywhere = added[-2:].tolist()
        offset = 0
        for gradient in gradients:
            gradient.copy_(added[offset : offset + gradient.numel()].view_as(gradient)).div_(everywhere)
            offset += gradient.numel()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser in (self.muon, self.adam):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate
            optimiser.step()
        self.network.zero_grad(set_to_none=True)
        self._share_matrices()
        return total, int(everywhere)

    def _share_matrices(self) -> None:
        """Each process moved its own matrices; all get all."""
        own = {id(parameter) for parameter in self.own}
        moved = torch.cat([(p.data if id(p) in own else torch.zeros_like(p)).reshape(-1) for p in self.matrices])
        dist.all_reduce(moved)
        offset = 0
        for parameter in self.matrices:
            parameter.data.copy_(moved[offset : offset + parameter.numel()].view_as(parameter))
            offset += parameter.numel()


def held_out_loss(network: Network, corpus: Corpus, batches: Batches) -> str:
    """Nats a piece on a hundred pairs of each test part, to watch; nothing is chosen by it."""
    network.eval()
    found = []
    for name, pairs in corpus.test.items():
        total = count = 0.0
        for group in (pairs[:50], pairs[50:100]):
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                loss, pieces = network.loss(padded([batches.encoded(pair) for pair in group]), 0.0)
            total, count = total + float(loss), count + pieces
        found.append(f"{name} {total / count:.3f}")
    network.train()
    return ", ".join(found)


def train(arguments: argparse.Namespace, process: int) -> None:
    """One of the processes."""
    torch.set_num_threads(1)
    meeting = (arguments.work / "meeting").resolve()
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=process, world_size=PROCESSES)
    corpus = read_corpus(arguments.data, arguments.work)
    batches = Batches(corpus, arguments.work, process)
    torch.manual_seed(SEED)
    trainer = Trainer(Network(Size(batches.source.get_piece_size(), batches.target.get_piece_size())), process)
    done = rounds = 0
    if arguments.resume:
        saved = torch.load(arguments.work / f"checkpoint.{process}.pt")
        trainer.network.load_state_dict(saved["network"])
        trainer.muon.load_state_dict(saved["muon"])
        trainer.adam.load_state_dict(saved["adam"])
        done, rounds = saved["done"], saved["rounds"]
    torch.manual_seed(SEED + process + 1 + done)  # dropout differs between the processes
    trainer.network.train()
    started = spoken = time.monotonic()
    processor, first, total, pieces = time.process_time(), done, 0.0, 0
    while done < arguments.steps:
        ready = batches.round(rounds)
        # All processes take the same number of steps a round, or one would wait for ever.
        least = torch.tensor([len(ready)])
        dist.all_reduce(least, op=dist.ReduceOp.MIN)
        for batch in ready[: int(least)]:
            loss, count = trainer.step(batch, rate(done, arguments.steps, arguments.decay))
            done, total, pieces = done + 1, total + loss, pieces + count
            if process == 0 and done % 20 == 0:
                seconds, cpu = time.monotonic() - started, time.process_time() - processor
                pace = f"{seconds:.0f} s, {cpu:.0f} of processor, {seconds / (done - first):.2f} s a step"
                print(f"step {done} loss {total / pieces:.3f} {pace}", flush=True)
                total, pieces = 0.0, 0
            if done == arguments.steps:
                break
        rounds += 1
        if done == arguments.steps or rounds % arguments.save_rounds == 0:
            save(trainer, arguments.work, process, done, rounds)
        if process == 0 and (done == arguments.steps or time.monotonic() - spoken > 300):
            print(f"step {done} held out: {held_out_loss(trainer.network, corpus, batches)}", flush=True)
            spoken = time.monotonic()
    dist.destroy_process_group()


def save(trainer: Trainer, work: Path, process: int, done: int, rounds: int) -> None:
    """A checkpoint of this process, complete or not there at all."""
    path = work / f"checkpoint.{process}.pt"
    state = {
        "size": asdict(trainer.network.size),
        "network": trainer.network.state_dict(),
        "muon": trainer.muon.state_dict(),
        "adam": trainer.adam.state_dict(),
        "done": done,
        "rounds": rounds,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def main() -> None:
    """Command line: starts the processes, or is one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the parallel text")
    parser.add_argument("work", type=Path, help="folder that training.corpus wrote to")
    parser.add_argument("--steps", type=int, required=True, help="steps in all")
    parser.add_argument("--decay", type=int, required=True, help="the last steps, in which the rate falls to nothing")
    parser.add_argument("--save-rounds", type=int, default=3, help="rounds between checkpoints")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoints in WORK")
    parser.add_argument("--process", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.process is not None:
        train(arguments, arguments.process)
        return
    (arguments.work / "meeting").unlink(missing_ok=True)
    again = [sys.executable, "-m", "training.train", *sys.argv[1:]]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [subprocess.Popen([*again, "--process", str(process)], env=alone) for process in range(PROCESSES)]
    sys.exit(max(abs(process.wait()) for process in running))


if __name__ == "__main__":
    main()
