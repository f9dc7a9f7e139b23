// socketio.js PORT - the peer of the fan-out rows: socket.io on Node, websocket transport, one 600-byte event to everybody.
const { Server } = require("socket.io");
const io = new Server(+process.argv[2], {
  transports: ["websocket"], perMessageDeflate: false, serveClient: false, wsEngine: require("ws").Server,
});
const text = "Hi, could I move my cleaning on Tuesday to Friday morning? Anna. ".repeat(12).slice(0, 410);
let seq = 0;
const event = () => ({
  ts: Number(process.hrtime.bigint()), seq: 100000 + ++seq, clinic: 7, kind: "message.created", thread_id: 123456,
  message_id: 99887766, channel: "whatsapp", direction: "in", body: text, intent: "reschedule", sentiment: 0.73,
});
io.on("connection", (socket) => socket.on("b", () => io.emit("e", event())));
