//! The binary as people run it: commands, exit codes, kills, the demo, other readers, HTTP.

#[path = "kura/program.rs"]
mod program;
#[path = "kura/batches.rs"]
mod batches;
// What takes events, and what sends them.
#[path = "kura/http.rs"]
mod http;
#[path = "kura/forward_wire.rs"]
mod forward_wire;
#[path = "kura/node.rs"]
mod node;

#[path = "kura/browser_events.rs"]
mod browser_events;
#[path = "kura/commands.rs"]
mod commands;
#[path = "kura/demo.rs"]
mod demo;
#[path = "kura/docker_logs.rs"]
mod docker_logs;
#[path = "kura/fluent_clients.rs"]
mod fluent_clients;
#[path = "kura/kills.rs"]
mod kills;
#[path = "kura/live_tail.rs"]
mod live_tail;
#[path = "kura/own_formats.rs"]
mod own_formats;
#[path = "kura/readers.rs"]
mod readers;
#[path = "kura/running.rs"]
mod running;
#[path = "kura/server.rs"]
mod server;
#[path = "kura/sources.rs"]
mod sources;
#[path = "kura/stream_kills.rs"]
mod stream_kills;
#[path = "kura/streams.rs"]
mod streams;
