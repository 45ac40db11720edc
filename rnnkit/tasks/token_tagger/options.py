"""The options of `TokenTagger`."""

from dataclasses import dataclass
from typing import ClassVar

from rnnkit.codec.tag_schemes import SCHEMES
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import CELL, CELL_HELP, Options, PretrainedOptions, option
from rnnkit.tasks.token_tagger.places import UNITS
from rnnkit.tasks.token_tagger.spelled import names_of


@dataclass(kw_only=True)
class TokenTaggerOptions(Options, PretrainedOptions):
    """Options of `TokenTagger`."""

    panel: ClassVar[str] = "Tagging"

    cell: str = option("lstm", CELL_HELP, names=CELL)
    units: int = option(160, "width of the recurrent state", low=1, high=4096, search=4)
    bidirectional: bool = option(True, "bidirectional recurrent layers")
    head: str = option("crf", "output layer: tags jointly (crf) or independently (softmax)", choices=("crf", "softmax"))
    tag_scheme: str = option("iobes", "tag scheme of the network", choices=("iob2", "iobes"))
    scheme: str = option("auto", "tag scheme of the data; auto: detected", choices=("auto", *SCHEMES, "bio", "bioes"))
    tag_names: str = option("", "names of tags that are numbers, from 0, such as O,B-PER,I-PER")
    places: str = option("auto", "what places in a text count; auto: detected", choices=("auto", *UNITS))
    strict: bool = option(False, "refuse inconsistent tags instead of repairing them")
    embedding_size: int = option(64, "width of the word vectors", low=1, high=4096, search=4)
    characters: str = option("cnn", "character encoder of a word", choices=("cnn", "rnn", "none"))
    character_size: int = option(30, "width of the character vectors", low=1, high=1024)
    character_units: int = option(60, "output width of the character encoder", low=2, high=4096, search=4)
    casing_size: int = option(10, "width of the capitalisation vectors; 0: none", low=0, high=1024)
    word_length: int = option(24, "maximum characters read of a word", low=1, high=200)
    max_length: int = option(256, "words read at a time; longer sentences are cut and rejoined", low=2, high=100_000)
    vocabulary_size: int = option(15_000, "maximum size of the word vocabulary, by frequency", low=4, high=1_000_000)
    characters_size: int = option(300, "maximum size of the character vocabulary", low=4, high=100_000)
    min_count: int = option(1, "minimum occurrences of a word in the vocabulary", low=1)
    word_dropout: float = option(
        0.02, "share of words replaced by the unknown word in training", low=0, high=0.95, search=(0, 0.3)
    )
    rare_word_dropout: float = option(0.5, "the same for words that occur once", low=0, high=0.95)
    embedding_dropout: float = option(0.5, "dropout rate before the recurrent part", low=0, high=0.95, search=(0, 0.7))
    dropout: float = option(0.5, "dropout rate after the recurrent part", low=0, high=0.95, search=(0, 0.7))
    batch_size: int = option(16, "sentences per training step", low=1, high=65_536, search=4)
    patience: int = option(6, "epochs without a better validation score before training stops", low=1)

    def check(self) -> None:
        super().check()
        if self.tag_names and len(names_of(self.tag_names)) < 2:
            raise RnnkitError(
                f"tag_names is {self.tag_names!r:.60}; expected the names of all tags in order, such as O,B-PER,I-PER."
            )
