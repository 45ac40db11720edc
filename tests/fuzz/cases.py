"""All the cases there are."""

import os

from fuzz.case import Case


def light(bombs: bool = False) -> list[Case]:
    """Those that need no TensorFlow; with `bombs` some files unpack to 2 GiB."""
    from fuzz.checkpoint_cases import checkpoint_cases
    from fuzz.data_cases import data_cases
    from fuzz.medium_cases import medium_cases
    from fuzz.own_cases import learnt_cases
    from fuzz.recording_cases import recording_cases
    from fuzz.run_cases import run_cases
    from fuzz.sound_cases import sound_cases

    found = [
        *data_cases(bombs),
        *medium_cases(bombs),
        *sound_cases(bombs),
        *recording_cases(bombs),
        *run_cases(),
        *checkpoint_cases(),
        *learnt_cases(),
    ]
    return [case for case in found if not case.heavy]


def every(bombs: bool = False) -> list[Case]:
    """All, or those of which RNNKIT_FUZZ_CASES has a part of the name; what they import slowly is imported, and small
    networks are built."""
    from fuzz.checkpoint_cases import checkpoint_cases
    from fuzz.data_cases import data_cases
    from fuzz.heavy_cases import heavy_cases
    from fuzz.medium_cases import medium_cases, warm_up
    from fuzz.own_cases import array_cases, learnt_cases
    from fuzz.recording_cases import recording_cases
    from fuzz.run_cases import run_cases
    from fuzz.sound_cases import sound_cases

    warm_up()
    light = [
        *data_cases(bombs),
        *medium_cases(bombs),
        *sound_cases(bombs),
        *recording_cases(bombs),
        *run_cases(),
        *checkpoint_cases(),
        *learnt_cases(),
    ]
    found = [*light, *heavy_cases(), *array_cases()]
    wanted = os.environ.get("RNNKIT_FUZZ_CASES", "").split(",")
    return [case for case in found if any(part in case.name for part in wanted)]
