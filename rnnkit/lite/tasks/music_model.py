"""Write tunes with an exported music model."""

from rnnkit.codec.abc_text import check_order
from rnnkit.lite.answers.tunes import TuneWriter, load_headers
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.tasks.language_model import LanguageModel


class MusicModel(TuneWriter, LanguageModel):
    """Runs a bundle of the task "music_model"; `rnnkit.lite.load` makes it.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        super().__init__(bundle, num_threads)
        self.order = bundle.setting("fields", str)
        check_order(self.order)
        self.headers = load_headers(bundle.folder)
