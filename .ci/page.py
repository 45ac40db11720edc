"""The page of an installed rnnkit: `rnnkit try` serves it, with its policy and the browser's runtime, and ends well."""

import json
import re
import signal
import subprocess
import urllib.request

served = subprocess.Popen(["rnnkit", "try", "sales_forecast", "--no-open"], stdout=subprocess.PIPE, text=True)
try:
    found = re.search(r"Open (http://127\.0\.0\.1:\d+/) in a browser", served.stdout.readline())
    assert found, "rnnkit try gave no address."

    def get(name: str) -> tuple[bytes, str]:
        """A file of the page, and the policy that came with it."""
        with urllib.request.urlopen(found[1] + name, timeout=30) as answer:
            return answer.read(), answer.headers["Content-Security-Policy"]

    page, policy = get("")
    assert b"page.js" in page and "default-src 'none'" in policy and "'wasm-unsafe-eval'" in policy, policy
    wasm, _ = get("litert/litert_wasm_compat_internal.wasm")
    assert wasm.startswith(b"\0asm") and len(wasm) > 1_000_000, len(wasm)
    assert b"abcjs" in get("licences.txt")[0] and json.loads(get("site.json")[0])["task"] == "forecaster"
finally:
    served.send_signal(signal.SIGINT)
    rest = served.communicate(timeout=30)[0]
assert (rest, served.returncode) == ("Stopped.\n", 0), (rest, served.returncode)
print("rnnkit try serves its page.")
