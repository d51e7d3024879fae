"""Train ``demo-water`` on made scenes.

    cd tools && python -m demo_model.train --out ../build/demo-water --minutes 8

Worker processes make scenes for as long as the training runs; the device trains on all that exist so far. Needs PyTorch
and TerraTorch; on a GPU with 16 cores 8 minutes are enough, on a CPU use ``--device cpu`` with tiny numbers to try it.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .batches import SceneStore, pack
from .model import build_network, load_network, write_model
from .scene import IGNORE, TRAINING_SEED, make_scene


def make_packed(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Make one training scene, in a worker process."""
    return pack(make_scene(seed, (size, size)))


class Supply:
    """Worker processes that make a few scenes ahead."""

    def __init__(self, workers: int, size: int, first_seed: int, most: int):
        # All workers fork at the first submission, before this process touches the GPU.
        self.pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))
        self.size, self.seed, self.last = size, first_seed, first_seed + most
        self.pending: list[Future] = []
        self.ahead = 2 * workers
        self._top_up()

    def _top_up(self) -> None:
        while len(self.pending) < self.ahead and self.seed < self.last:
            self.pending.append(self.pool.submit(make_packed, self.seed, self.size))
            self.seed += 1

    def deliver(self, store: SceneStore, at_least: int = 0) -> None:
        """Move finished scenes to the store; wait until it holds ``at_least``."""
        while True:
            done = [f for f in self.pending if f.done()]
            self.pending = [f for f in self.pending if not f.done()]
            for future in done:
                store.add(future.result())
            self._top_up()
            if len(store.scenes) >= at_least:
                return
            time.sleep(0.2)

    def close(self) -> None:
        """Drop scenes that are not finished."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def loss_of(logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Return cross entropy plus the Dice loss of water over the batch; ignored pixels count in neither."""
    entropy = functional.cross_entropy(logits, label, ignore_index=IGNORE)
    valid = (label != IGNORE).float()
    water = logits.softmax(1)[:, 1] * valid
    truth = (label == 1).float()
    dice = 1 - (2 * (water * truth).sum() + 1) / (water.sum() + truth.sum() + 1)
    return entropy + 0.5 * dice


def train(args: argparse.Namespace) -> dict:
    """Train, write the model folder, and return what happened."""
    supply = Supply(args.workers, args.size, TRAINING_SEED + args.skip, args.scenes)
    device = torch.device(args.device)
    torch.manual_seed(args.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    rng = np.random.default_rng(args.seed)
    started = time.monotonic()
    network = (load_network(Path(args.init)) if args.init else build_network()).to(device).train()
    average = copy.deepcopy(network).eval()
    groups = [
        {"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": 0.03},
        {"params": [p for p in network.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98))
    store = SceneStore(device)
    supply.deliver(store, at_least=args.wait)
    print(f"{len(store.scenes)} scenes after {time.monotonic() - started:.0f} s", flush=True)
    begin, step, shown = time.monotonic(), 0, 0.0
    losses: list[float] = []
    while (passed := (time.monotonic() - begin) / (60 * args.minutes)) < 1:
        rate = args.rate * min((step + 1) / 150, 1) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * passed)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        pixels, label = store.batch(rng, args.batch)
        place = torch.empty(len(pixels), 2, device=device).uniform_(-1, 1) * torch.tensor([75.0, 180.0], device=device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits = network(pixels, location_coords=None if rng.random() < 0.3 else place).output
        loss = loss_of(logits.float(), label)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        _follow(average, network, min(0.998, step / (step + 20)))
        if step % 10 == 0:
            losses.append(loss.item())
            supply.deliver(store)
        if time.monotonic() - shown > 20:
            shown = time.monotonic()
            recent = np.mean(losses[-20:]) if losses else loss.item()
            print(f"{passed:5.1%} step {step} loss {recent:.4f} scenes {len(store.scenes)} rate {rate:.2e}", flush=True)
    supply.close()
    state = average.state_dict()
    state["head.head.2.bias"][1] += args.caution
    write_model(Path(args.out), state)
    record = {
        "steps": step,
        "batch": args.batch,
        "scenes": len(store.scenes),
        "minutes": round((time.monotonic() - begin) / 60, 2),
        "loss": round(float(np.mean(losses[-30:])), 4) if losses else None,
    }
    print(json.dumps(record), flush=True)
    return record


@torch.no_grad()
def _follow(average: torch.nn.Module, network: torch.nn.Module, keep: float) -> None:
    """Move the averaged network towards the trained one; statistics of normalisation layers too."""
    ours, theirs = average.state_dict(), network.state_dict()
    floats = [k for k in ours if ours[k].is_floating_point()]
    torch._foreach_lerp_([ours[k] for k in floats], [theirs[k].detach() for k in floats], 1 - keep)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder to write the model to")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--workers", type=int, default=14, help="processes that make scenes")
    parser.add_argument("--size", type=int, default=1024, help="side of a made scene in pixels")
    parser.add_argument("--scenes", type=int, default=100_000, help="scenes to make at most")
    parser.add_argument("--skip", type=int, default=0, help="scenes to leave out, for a continued training")
    parser.add_argument("--wait", type=int, default=24, help="scenes to have before the first step")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--caution", type=float, default=-0.5, help="added to the logit of water after training")
    parser.add_argument("--init", help="model folder to continue from")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
