// The terminal in the page: one WebSocket, typed bytes out, shown bytes in.
//
// The server sends no more than a window of bytes that this page has not yet shown, so neither
// side's memory grows when the page is slow. Binary messages are the terminal's bytes, text
// messages are JSON: `{"resize":[columns,rows]}` and `{"shown":bytes}` from here; `{"ended":code}`,
// `{"taken":true}` and `{"closed":true}` from there, as the last one.
"use strict";
(() => {
  const PART = 16384;
  const PAUSES = [500, 1000, 2000, 5000, 10000];
  const words = document.body.dataset;
  const notice = document.getElementById("notice");
  const [sentence, button] = notice.children;
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    fontFamily:
      '"JetBrains Mono", "D2Coding", "Noto Sans Mono CJK KR", "NanumGothicCoding", "DejaVu Sans Mono", monospace',
    fontSize: 15,
    scrollback: 1000,
    theme: { background: "#101418", foreground: "#d8dee6" },
  });
  const fit = new FitAddon.FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new Unicode11Addon.Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.open(document.getElementById("terminal"));
  fit.fit();
  terminal.focus();

  let socket = null;
  let failures = 0;
  let timer = 0;
  let again = null;
  // What the server said before it hung up: after that, only the user connects again.
  let farewell = null;

  const say = (text, label, action) => {
    sentence.textContent = text;
    button.textContent = label || "";
    button.hidden = !label;
    again = action || null;
    notice.hidden = !text;
  };

  const send = (message) => {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(message);
  };
  const tell = (message) => send(JSON.stringify(message));

  const type = (bytes) => {
    for (let at = 0; at < bytes.length; at += PART) send(bytes.subarray(at, at + PART));
  };

  const connect = () => {
    clearTimeout(timer);
    farewell = null;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const size = `columns=${terminal.cols}&rows=${terminal.rows}`;
    const line = new WebSocket(`${scheme}://${location.host}/line?${size}`);
    line.binaryType = "arraybuffer";
    socket = line;
    let waiting = 0;
    let shown = 0;
    line.onopen = () => {
      failures = 0;
      say("");
      terminal.focus();
    };
    line.onmessage = (event) => {
      if (typeof event.data === "string") {
        farewell = JSON.parse(event.data);
        return;
      }
      const bytes = new Uint8Array(event.data);
      waiting += bytes.length;
      terminal.write(bytes, () => {
        waiting -= bytes.length;
        shown += bytes.length;
        if (socket !== line || (shown < 2 * PART && waiting > 0)) return;
        tell({ shown });
        shown = 0;
      });
    };
    line.onclose = () => {
      if (socket !== line) return;
      socket = null;
      if (farewell && farewell.closed) return say(words.closed);
      if (farewell && farewell.taken) return say(words.taken, words.here, connect);
      if (farewell && "ended" in farewell) {
        const text = farewell.ended === 0 ? words.ended : words.failed.replace("{code}", farewell.ended);
        return say(text, words.again, connect);
      }
      return retry();
    };
  };

  const retry = async () => {
    say(words.lost, words.retry, connect);
    // A WebSocket does not say why it was refused; the page's own address does.
    const known = await fetch("/", { method: "HEAD", cache: "no-store" }).then(
      (reply) => reply.status !== 403,
      () => true,
    );
    if (socket) return;
    if (!known) return say(words.unknown);
    timer = setTimeout(connect, PAUSES[Math.min(failures, PAUSES.length - 1)]);
    failures += 1;
  };

  button.addEventListener("click", () => again && again());

  const encoder = new TextEncoder();
  terminal.onData((text) => {
    if (!socket && again && text === "\r") return again();
    return type(encoder.encode(text));
  });
  terminal.onBinary((text) => type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => tell({ resize: [cols, rows] }));
  terminal.onTitleChange((title) => {
    document.title = title || "makook";
  });

  // What a browser's user expects of Ctrl-C on a selection and of Ctrl-V.
  terminal.attachCustomKeyEventHandler((event) => {
    if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return true;
    if (event.code === "KeyV") return false;
    return !(event.code === "KeyC" && terminal.hasSelection());
  });

  // Where the browser keeps its clipboard to secure pages, or refuses, its older way is left: it
  // asks the page what to copy, soon after a key.
  const copyTheOldWay = (text) => {
    const answer = (event) => {
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    document.addEventListener("copy", answer, { capture: true, once: true });
    document.execCommand("copy");
    document.removeEventListener("copy", answer, { capture: true });
  };
  const copy = (text) => {
    if (!navigator.clipboard) return copyTheOldWay(text);
    return navigator.clipboard.writeText(text).catch(() => copyTheOldWay(text));
  };

  // The console copies through the terminal (OSC 52); reading the clipboard is never answered.
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  terminal.parser.registerOscHandler(52, (data) => {
    const packed = data.slice(data.indexOf(";") + 1);
    if (packed === "" || packed === "?") return true;
    try {
      copy(utf8.decode(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))));
    } catch {
      // Neither base64 nor text: nothing to copy.
    }
    return true;
  });

  let frame = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => fit.fit());
  }).observe(document.getElementById("terminal"));

  connect();
})();
