"""Trains implicit ALS on Spark from a Parquet export, and writes what `models import` takes: see README.md."""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from safetensors.numpy import save_file

CONSUMED = ["CLICK", "PLAY", "LIKE"]
ROWS_AT_ONCE = 1_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path, help="the folder of `export interactions --format parquet`")
    parser.add_argument("model", type=Path, help="the safetensors file to write")
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--regularization", type=float, default=0.05)
    parser.add_argument("--alpha", type=float, default=20.0, help="confidence of what was consumed once")
    parser.add_argument("--neighbours", type=int, default=100, help="of each item, at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def neighbour_lists(factors, count):
    """The items with the most similar factors, by cosine, best first; only those above 0."""
    norms = np.linalg.norm(factors, axis=1, keepdims=True)
    unit = factors / np.where(norms == 0, 1, norms)
    indptr, indices, weights = [0], [], []
    for start in range(0, len(unit), ROWS_AT_ONCE):
        similarities = unit[start : start + ROWS_AT_ONCE] @ unit.T
        for offset, row in enumerate(similarities):
            row[start + offset] = 0
            best = np.argsort(-row, kind="stable")[:count]
            best = best[row[best] > 0]
            indices.append(best)
            weights.append(np.minimum(row[best], 1))
            indptr.append(indptr[-1] + len(best))
    return indptr, np.concatenate(indices), np.concatenate(weights)


def write_model(path, item_ids, lists, parameters, fingerprint):
    """The layout stands in docs/model-artefacts.md."""
    indptr, indices, weights = lists
    ids = [item.encode() for item in item_ids]
    save_file(
        {
            "item.ids": np.frombuffer(b"".join(ids), np.uint8),
            "item.ids.offsets": np.cumsum([0, *map(len, ids)], dtype=np.int64),
            "neighbours.indptr": np.array(indptr, np.int64),
            "neighbours.indices": indices.astype(np.int32),
            "neighbours.weights": weights.astype(np.float32),
        },
        path,
        metadata={
            "kind": "item-neighbours",
            "format_version": "1",
            "algorithm": "implicit ALS of Spark MLlib, cosine of item factors",
            "parameters": json.dumps(parameters, sort_keys=True),
            "training_fingerprint": fingerprint,
        },
    )


def main():
    given = arguments()
    files = sorted(given.export.glob("*.parquet"))
    fingerprint = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files))
    spark = SparkSession.builder.appName("spark-als").getOrCreate()
    consumed = (
        spark.read.parquet(*map(str, files))
        .where(F.col("type").isin(CONSUMED))
        .groupBy("userId", "itemId")
        .agg(F.count("*").cast("float").alias("times"))
    )
    columns = {"inputCols": ["userId", "itemId"], "outputCols": ["user", "item"]}
    indexer = StringIndexer(**columns, stringOrderType="alphabetAsc").fit(consumed)
    numbered = indexer.transform(consumed).select(
        F.col("user").cast("int"), F.col("item").cast("int"), "times"
    )
    model = ALS(
        implicitPrefs=True,
        userCol="user",
        itemCol="item",
        ratingCol="times",
        rank=given.rank,
        maxIter=given.iterations,
        regParam=given.regularization,
        alpha=given.alpha,
        seed=given.seed,
    ).fit(numbered)
    rows = model.itemFactors.orderBy("id").collect()
    item_ids = [indexer.labelsArray[1][row.id] for row in rows]
    lists = neighbour_lists(np.array([row.features for row in rows], np.float32), given.neighbours)
    parameters = {
        "rank": given.rank,
        "iterations": given.iterations,
        "regularization": given.regularization,
        "alpha": given.alpha,
        "neighbours": given.neighbours,
        "seed": given.seed,
    }
    write_model(given.model, item_ids, lists, parameters, fingerprint.hexdigest())
    print(f"{len(item_ids)} items in {given.model}")
    spark.stop()


if __name__ == "__main__":
    main()
