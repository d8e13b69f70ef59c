"""Trains the prover: `python -m eval.training.train_prover --data DIR --work DIR`.

Three steps, each of which leaves a file in the work folder: build the rows as token ids (`items.pkl.gz`;
skipped when it is there), train (`checkpoint.pt`, from which an interrupted run goes on, and
`losses.jsonl`), write the weights (`prover.safetensors`). `--steps 20` is a trial of a minute.

A second training teaches the project's own questions and claims: `--start prover.safetensors --own 3 --replay
items.pkl.gz` goes on from the weights of a first one, with rows of `eval.training.own_data` made three times
and as many of the first one's (`--replay-share`), so that nothing is unlearned.
"""

import argparse
import gzip
import logging
import math
import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import torch

from models.packaged import starter_embedder_dir
from models.prover_net import ProverNet, save_trained
from models.training.loop import TrainingSettings, train
from models.training.proving import ProverItem, ProverLearner, item_batches, one_pass

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, train, write."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.work.mkdir(parents=True, exist_ok=True)
    embedder = options.base or starter_embedder_dir()
    file = options.work / "items.pkl.gz"
    if not file.exists():
        if options.own:
            own = own_items(embedder, options.work, n=options.own, seed=options.seed)
            n = round(options.replay_share * len(own))
            _write([*own, *replayed(options.replay, n, options.seed)], file)
        else:
            seeds = range(options.seed, options.seed + options.variants)
            build_items(options.data, embedder, file, seeds)
    items = read_items(file)
    one = len(one_pass(items, options.tokens_per_batch, random.Random(0)))
    settings = TrainingSettings(
        steps=options.steps or math.ceil(one * options.epochs),
        learning_rate=options.learning_rate,
        warmup=100,
        tokens_per_batch=options.tokens_per_batch,
        averaging=0.99,
        weight_decay=0.01,
        seed=options.seed,
        bf16=not options.float32,
    )
    tokens = sum(len(row.pair.ids) for item in items for row in item.rows)
    _log.info("%d items, %d tokens, %s", len(items), tokens, settings)
    torch.manual_seed(options.seed)
    net = ProverNet(embedder)
    if options.start is not None:
        net.load_trained(options.start)
    learner = ProverLearner(net)
    weights = train(learner, item_batches(items, settings), settings, options.work)
    save_trained(weights, options.work / "prover.safetensors")
    _log.info("wrote %s", options.work / "prover.safetensors")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="needed where the rows are not built yet")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--base", type=Path, help="a folder; by default the starter embedder's")
    parser.add_argument("--variants", type=int, default=2, help="how often the rows are made anew")
    parser.add_argument("--epochs", type=float, default=1.0, help="passes over all variants")
    parser.add_argument("--steps", type=int, help="instead of --epochs")
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--tokens-per-batch", type=int, default=4096)
    parser.add_argument("--own", type=int, default=0, help="the project's own rows, so many times")
    parser.add_argument("--replay", type=Path, help="items.pkl.gz to mix with the project's own")
    parser.add_argument("--replay-share", type=float, default=1.0, help="of the own rows' number")
    parser.add_argument("--start", type=Path, help="prover.safetensors to go on from")
    parser.add_argument("--float32", action="store_true", help="instead of bfloat16")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def build_items(data: Path, embedder: Path, target: Path, seeds: Sequence[int]) -> None:
    """Make the training rows, once with each seed, and write them as one file."""
    from eval.training.prover_data import Neighbours, prover_items
    from models.embedder import SentenceTransformerEmbedder
    from models.pairs import PairTokenizer

    near, tokenizer = Neighbours(SentenceTransformerEmbedder(embedder)), PairTokenizer(embedder)
    items = [i for seed in seeds for i in prover_items(data, near, tokenizer, random.Random(seed))]
    _write(items, target)


def own_items(embedder: Path, work: Path, *, n: int, seed: int) -> list[ProverItem]:
    """The project's own rows, made `n` times; their library is kept in `work`."""
    from eval.training.own_data import own_claims, own_groups, own_questions, training_library
    from eval.training.prover_data import items_of
    from models.pairs import PairTokenizer

    library = training_library(work / "library")
    questions, claims = own_questions(library), own_claims(library)
    library.close()
    rng = random.Random(seed)
    groups = [group for _ in range(n) for group in own_groups(questions, claims, rng)]
    items = items_of(groups, PairTokenizer(embedder))
    _log.info("%d questions, %d claims, %d rows", len(questions), len(claims), len(items))
    return items


def replayed(file: Path, n: int, seed: int) -> list[ProverItem]:
    """At most `n` rows of an earlier training, at random."""
    others = read_items(file)
    return random.Random(seed).sample(others, min(n, len(others)))


def read_items(path: Path) -> list[ProverItem]:
    """Rows that this program wrote."""
    with gzip.open(path) as stream:
        items: list[ProverItem] = pickle.load(stream)  # noqa: S301 - written here
    return items


def _write(items: Sequence[ProverItem], target: Path) -> None:
    part = target.with_name(target.name + ".part")
    with gzip.open(part, "wb", compresslevel=4) as stream:
        pickle.dump(items, stream)
    part.replace(target)


if __name__ == "__main__":
    main()
