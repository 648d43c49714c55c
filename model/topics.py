"""Grouping of texts by what they are about: neighbours in the encoder's space, communities among them, and a name from
the phrases that only they have."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care.topics import NO_TOPIC, Grouping, Topic
from model.encoder import DIMENSIONS, Encoder
from model.text import normalise
from model.topic_names import name_of, phrases_of

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_NEIGHBOURS = (8, 30)
"""Of a text, for few and for many texts: a fifth of the root of their number, between these."""
LEAST = 5
"""A group of fewer texts is no topic."""
REACH_SHARE = 0.05
"""So many of a topic's own texts lie farther from its centre than its reach."""
N_TYPICAL = 5
_PIECES = 96
_OF_PIECES = "pieces"
_NUMBER = re.compile(r"<[^<>]{1,40}>|[\w#-]*\d[\w-]*")


@dataclass(frozen=True)
class TopicGrouper:
    """Implements `care.topics.TopicFinder`. encoder: None where none is installed: pieces of words then tell texts
    apart, and no topic is carried on, because such vectors change with the texts.
    """

    encoder: Encoder | None
    seed: int = 13
    resolution: float = 1.0

    @property
    def reader(self) -> str:
        return self.encoder.id if self.encoder is not None else _OF_PIECES

    def find(self, texts: Sequence[str], *, known: Sequence[Topic] = ()) -> Grouping:
        """Texts that say the same but for a number are one text when neighbours are looked for."""
        said = [_NUMBER.sub("0", normalise(text)) for text in texts]
        _, first, which = np.unique([text.lower() for text in said], return_index=True, return_inverse=True)
        carried = [topic for topic in known if topic.reader == self.reader and self.encoder is not None]
        if not any(said):
            return Grouping(tuple(carried), (NO_TOPIC,) * len(texts), ((),) * len(carried))
        vectors = self.vectors([said[at] or "0" for at in first])
        of = _nearest_topic(vectors, carried)
        free = np.flatnonzero(of == NO_TOPIC)
        weights = np.bincount(which, minlength=len(first))
        for at, group in enumerate(_by_size(self._communities(vectors[free]), weights[free]), len(carried)):
            of[free[group]] = at
        return self._told(said, vectors, of, first=first, which=which, carried=carried)

    def reached(self, texts: Sequence[str], known: Sequence[Topic]) -> Ints:
        """(n_texts,) place of the known topic that each text belongs to, NO_TOPIC where none reaches it."""
        vectors = self.vectors([_NUMBER.sub("0", normalise(text)) for text in texts])
        return _nearest_topic(vectors, known)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(n_texts, any) unit vectors: what the sentence means, and the mean of its words' last states."""
        if self.encoder is None:
            return piece_vectors(texts, seed=self.seed)
        read = self.encoder.features(texts)[:, : 2 * DIMENSIONS]
        return np.asarray(read / np.linalg.norm(read, axis=1, keepdims=True), np.float32)

    def _communities(self, vectors: Floats) -> list[Ints]:
        """Places of texts that share more neighbours with each other than with the rest.

        Source: Blondel et al. 2008 (Louvain) over shares of common neighbours (Jarvis and Patrick 1973).
        """
        import networkx as nx

        if len(vectors) < 2:
            return [np.arange(len(vectors))][: len(vectors)]
        least, most = N_NEIGHBOURS
        n_neighbours = min(len(vectors) - 1, max(least, min(most, round(len(vectors) ** 0.5 / 5))))
        graph = nx.Graph()
        graph.add_nodes_from(range(len(vectors)))
        graph.add_weighted_edges_from(_common_neighbours(_neighbours(vectors, n_neighbours)))
        found = nx.community.louvain_communities(graph, resolution=self.resolution, seed=self.seed)
        return [np.array(sorted(group), np.int64) for group in found]

    def _told(
        self, said: Sequence[str], vectors: Floats, of: Ints, *, first: Ints, which: Ints, carried: Sequence[Topic]
    ) -> Grouping:
        """Name the groups, and say where each text belongs. first, which: of `np.unique`."""
        n_topics = int(of.max(initial=len(carried) - 1)) + 1
        by_text = of[which]
        phrases = phrases_of(said, by_text, n_topics)
        topics: list[Topic] = []
        typical: list[tuple[int, ...]] = []
        names = {topic.name for topic in carried}
        for at in range(n_topics):
            members = np.flatnonzero(of == at)
            n = int((by_text == at).sum())
            centre = _centre(vectors[members]) if len(members) else None
            if at < len(carried):
                topics.append(carried[at])
            else:
                assert centre is not None
                name = name_of(phrases[at], taken=names)
                names.add(name)
                kept = centre.astype("<f2").tobytes()
                reach = float(np.quantile(vectors[members] @ centre, REACH_SHARE))
                mark = f"top_{hashlib.sha256(kept).hexdigest()[:12]}"
                topics.append(Topic(mark, name, phrases[at], (kept,), round(reach, 4), self.reader, n))
            order = members[np.argsort(-(vectors[members] @ centre), kind="stable")] if centre is not None else members
            typical.append(tuple(int(first[place]) for place in order[:N_TYPICAL]))
        return Grouping(tuple(topics), tuple(map(int, by_text)), tuple(typical))


def _by_size(groups: Sequence[Ints], weights: Ints) -> list[Ints]:
    """Groups of enough texts, the largest first. weights: how often each text was said."""
    sizes = [int(weights[group].sum()) for group in groups]
    enough = [at for at in range(len(groups)) if sizes[at] >= LEAST]
    return [groups[at] for at in sorted(enough, key=lambda at: (-sizes[at], int(groups[at][0])))]


def _centre(vectors: Floats) -> Floats:
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _nearest_topic(vectors: Floats, topics: Sequence[Topic]) -> Ints:
    """(n,) place of the topic whose centre is nearest of those that reach the text, NO_TOPIC where none does."""
    of = np.full(len(vectors), NO_TOPIC, np.int64)
    closeness = np.full(len(vectors), -1, np.float32)
    for at, topic in enumerate(topics):
        centres = np.stack([np.frombuffer(centre, "<f2") for centre in topic.centres]).astype(np.float32)
        cosines = (vectors @ centres.T).max(axis=1)
        nearer = (cosines >= topic.reach) & (cosines > closeness)
        of[nearer], closeness[nearer] = at, cosines[nearer]
    return of


def _neighbours(vectors: Floats, n: int) -> Ints:
    """(n_texts, n) the texts most like each one."""
    nearest = np.empty((len(vectors), n), np.int64)
    for start in range(0, len(vectors), 1024):
        cosines = vectors[start : start + 1024] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, rows + start] = -2
        nearest[rows + start] = np.argpartition(-cosines, n - 1, axis=1)[:, :n]
    return nearest


def _common_neighbours(nearest: Ints) -> list[tuple[int, int, float]]:
    """Pairs of neighbours, and which share of their neighbourhoods they have in common."""
    from scipy import sparse

    n_texts, n = nearest.shape
    among = sparse.csr_matrix(
        (np.ones(nearest.size, np.float32), nearest.ravel(), np.arange(0, nearest.size + 1, n)),
        shape=(n_texts, n_texts),
    )
    among = among + sparse.identity(n_texts, np.float32, format="csr")
    is_pair = (among + among.T) > 0
    common = (among @ among.T).multiply(is_pair).tocoo()
    above = common.row < common.col
    shared = common.data[above]
    shares = shared / (2 * (n + 1) - shared)
    return list(zip(common.row[above].tolist(), common.col[above].tolist(), shares.tolist(), strict=True))


def piece_vectors(texts: Sequence[str], *, seed: int = 13) -> Floats:
    """(n_texts, some) unit vectors of the texts' words and letters, for who has no encoder."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=50_000)
    read = grams.fit_transform(texts)
    n_axes = min(_PIECES, *(size - 1 for size in read.shape))
    if n_axes < 2:
        return np.asarray(read.toarray(), np.float32)
    return np.asarray(normalize(TruncatedSVD(n_axes, random_state=seed).fit_transform(read)), np.float32)
