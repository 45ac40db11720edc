"""Files with cells of a user's own."""

from rnnkit.cells._own import OWN

ENVIRONMENT = OWN.environment
is_file, key_of_file = OWN.is_file, OWN.key_of_file
load_environment, environment_for = OWN.load_known, OWN.environment_for
