"""Options that exclude the penalty Omega, in a module without Keras."""

from rnnkit.errors import RnnkitError


def refuse_with_omega(omega: float, **options: float) -> None:
    """Refuse the penalty Omega with options that change or cut the path between states.

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
