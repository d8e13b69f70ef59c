"""One framework over one set of documents: adds them, asks every question, measures (`eval.side_by_side`).

    python worker.py FRAMEWORK MATERIAL OUT.json

Runs with the Python of that framework's own virtual environment and imports nothing of Footnote but where the
framework is Footnote. MATERIAL is a folder: `documents/*.txt`, `queries.json` (a list of texts) and
`model.txt`, the path of the embedder. Every pipeline is the one that the framework's own first tutorial
builds, with its own defaults for cutting, batches and search, and no reranker.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

_WANTED = 30
"""Passages asked for; several of one document are one result of a ranking of documents."""


Loaded = Callable[[], None]
"""Called once the model is loaded: the time of adding is counted from there."""


class Indexed(NamedTuple):
    """A library that answers.

    Attributes:
        search: the best passages for a question, best first: (document's name, text).
        embedded: every text that went to the embedder as a passage, with its document's name.
        max_tokens: the most that the embedder reads of one, special tokens included.
    """

    search: Callable[[str], list[tuple[str, str]]]
    embedded: Sequence[tuple[str, str]]
    max_tokens: int


def llamaindex(documents: dict[str, str], model: str, loaded: Loaded) -> Indexed:
    """VectorStoreIndex.from_documents: sentence splitter, 1,024 tokens, 200 of overlap."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    embedder = HuggingFaceEmbedding(model_name=model, device="cpu")
    loaded()
    index = VectorStoreIndex.from_documents(
        [Document(text=text, id_=name) for name, text in documents.items()], embed_model=embedder
    )
    retriever = index.as_retriever(similarity_top_k=_WANTED)
    nodes = [(str(n.ref_doc_id), n.get_content()) for n in index.docstore.docs.values()]
    return Indexed(
        lambda q: [
            (str(hit.node.ref_doc_id), hit.node.get_content()) for hit in retriever.retrieve(q)
        ],
        nodes,
        embedder.max_length,
    )


def langchain(documents: dict[str, str], model: str, loaded: Loaded) -> Indexed:
    """The tutorial's recursive splitter, 1,000 characters, 200 of overlap, vectors in memory."""
    from langchain_core.documents import Document
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embedder = HuggingFaceEmbeddings(model_name=model, model_kwargs={"device": "cpu"})
    loaded()
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=1000, chunk_overlap=200, add_start_index=True
    )
    chunks = splitter.split_documents(
        [Document(text, metadata={"name": name}) for name, text in documents.items()]
    )
    store = InMemoryVectorStore(embedder)
    store.add_documents(chunks)
    return Indexed(
        lambda q: [
            (hit.metadata["name"], hit.page_content) for hit in store.similarity_search(q, _WANTED)
        ],
        [(chunk.metadata["name"], chunk.page_content) for chunk in chunks],
        embedder._client.max_seq_length,
    )


def haystack(documents: dict[str, str], model: str, loaded: Loaded) -> Indexed:
    """Document splitter, 200 words, embedder, store and retriever in memory."""
    from haystack import Document, Pipeline
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore()
    adding = Pipeline()
    adding.add_component("splitter", DocumentSplitter())
    adding.add_component(
        "embedder", SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    )
    adding.add_component("writer", DocumentWriter(store))
    adding.connect("splitter", "embedder")
    adding.connect("embedder", "writer")
    adding.warm_up()
    loaded()
    adding.run(
        {
            "splitter": {
                "documents": [
                    Document(content=text, meta={"name": name}) for name, text in documents.items()
                ]
            }
        }
    )
    asking = Pipeline()
    asking.add_component(
        "embedder", SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    )
    asking.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=_WANTED))
    asking.connect("embedder.embedding", "retriever.query_embedding")

    def search(question: str) -> list[tuple[str, str]]:
        found = asking.run({"embedder": {"text": question}})["retriever"]["documents"]
        return [(hit.meta["name"], hit.content) for hit in found]

    chunks = [(hit.meta["name"], hit.content) for hit in store.filter_documents()]
    return Indexed(search, chunks, _sentence_transformer_limit(model))


def txtai(documents: dict[str, str], model: str, loaded: Loaded) -> Indexed:
    """Embeddings with content over paragraphs, as its tutorials cut documents for retrieval."""
    from txtai import Embeddings
    from txtai.pipeline import Segmentation

    segment = Segmentation(paragraphs=True)
    embeddings = Embeddings(path=model, content=True)
    embeddings.index(["warm up"])
    loaded()
    chunks = [(name, piece) for name, text in documents.items() for piece in segment(text)]
    embeddings.index([(i, text, None) for i, (_, text) in enumerate(chunks)])
    return Indexed(
        lambda q: [
            (chunks[int(hit["id"])][0], hit["text"]) for hit in embeddings.search(q, _WANTED)
        ],
        chunks,
        embeddings.model.model.maxlength,
    )


def footnote(documents: Path, loaded: Loaded, *, prover: bool) -> Indexed:
    """The library and the retriever as `footnote add` and `footnote ask` use them."""
    from index.library import Library
    from models.embedder import SentenceTransformerEmbedder
    from models.prover import MiniLMProver
    from rag.retriever import Retriever
    from rag.settings import Settings

    settings = Settings()
    embedder = SentenceTransformerEmbedder.starter()
    embedder.embed_passages(["warm up"])
    loaded()
    folder = TemporaryDirectory()
    library = Library(
        Path(folder.name) / "library", embedder, target_tokens=settings.passage_tokens
    )
    library.add([documents])
    retriever = Retriever(library, MiniLMProver() if prover else None)
    names = {d.id: Path(d.path).stem for d in library.store.documents()}
    passages = library.store.passages(library.store.vector_ids().tolist())

    def search(question: str, keep: object = folder) -> list[tuple[str, str]]:
        hits = retriever.retrieve(question, _WANTED)
        return [(names[hit.passage.document_id], hit.passage.text) for hit in hits]

    embedded = [(names[p.document_id], p.text) for p in passages]
    return Indexed(search, embedded, embedder.max_tokens)


def _sentence_transformer_limit(model: str) -> int:
    settings = json.loads((Path(model) / "sentence_bert_config.json").read_text(encoding="utf-8"))
    return int(settings["max_seq_length"])


def fully_embedded(
    documents: dict[str, str], embedded: Sequence[tuple[str, str]], model: str, max_tokens: int
) -> int:
    """Characters of the documents that lie in some text before the place where the embedder stops reading.

    A text that is not found as it stands (an overlap, changed white space) is looked for word by word.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    squeezed = {name: "".join(text.split()) for name, text in documents.items()}
    read = {name: bytearray(len(text)) for name, text in squeezed.items()}
    for name, text in embedded:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        kept = encoding.offsets[: max_tokens - 2]
        piece = "".join(text[: kept[-1][1]].split()) if kept else ""
        at = squeezed[name].find(piece) if piece else -1
        if at < 0:
            continue
        read[name][at : at + len(piece)] = b"\1" * len(piece)
    share = sum(map(sum, read.values())) / max(1, sum(map(len, read.values())))
    return round(share * sum(map(len, documents.values())))


def main() -> None:
    """Measure and write what came out."""
    name, material, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    model = (material / "model.txt").read_text(encoding="utf-8").strip()
    queries: list[str] = json.loads((material / "queries.json").read_text(encoding="utf-8"))
    documents = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((material / "documents").glob("*.txt"))
    }
    pipelines: dict[str, Callable[[], Indexed]] = {
        "llamaindex": lambda: llamaindex(documents, model, loaded),
        "langchain": lambda: langchain(documents, model, loaded),
        "haystack": lambda: haystack(documents, model, loaded),
        "txtai": lambda: txtai(documents, model, loaded),
        "footnote": lambda: footnote(material / "documents", loaded, prover=False),
        "footnote+prover": lambda: footnote(material / "documents", loaded, prover=True),
    }
    clock = [0.0]

    def loaded() -> None:
        clock[0] = time.perf_counter()

    indexed = pipelines[name]()
    adding = time.perf_counter() - clock[0]
    indexed.search("warm up")
    results, times = [], []
    for query in queries:
        began = time.perf_counter()
        found = indexed.search(query)
        times.append((time.perf_counter() - began) * 1e3)
        results.append(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer: dict[str, Any] = {
        "framework": name,
        "passages": len(indexed.embedded),
        "adding_s": adding,
        "embedded_characters": fully_embedded(
            documents, indexed.embedded, model, indexed.max_tokens
        ),
        "characters": sum(map(len, documents.values())),
        "times_ms": times,
        "peak_mib": peak / (1 << 20 if sys.platform == "darwin" else 1 << 10),
        "results": results,
    }
    out.write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    # Some frameworks leave threads behind that never end.
    os._exit(0)


if __name__ == "__main__":
    main()
