"""What the penalty Omega cannot stand beside; apart, since options are checked without Keras."""

from rnnkit.errors import RnnkitError


def refuse_with_omega(omega: float, **options: float) -> None:
    """Refuse the penalty Omega beside what changes or cuts the way from one state to the next.

    Args:
        omega: The penalty's weight.
        **options: `recurrent_dropout`, `zoneout` and `truncate`.

    Raises:
        RnnkitError: Naming two that do not go together.

    Example:

    >>> refuse_with_omega(0.0, zoneout=0.1)
    """
    for name, value in options.items():
        if omega and value:
            raise RnnkitError(
                f"omega {omega:g} and {name} {value:g} do not go together: the penalty looks at the whole way from "
                "each state to the next. Set one of them to 0."
            )
