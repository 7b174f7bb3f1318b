//! Writes a demo to a folder, or only measures it: `write <events> <days> [folder]`.

use std::io::Write;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| {
        arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let demo = kura_demo::Demo::new(kura_demo::Options {
        events: number(0, 200_000),
        days: number(1, 7) as u32,
        ..Default::default()
    });
    let started = Instant::now();
    let (mut objects, mut events, mut bytes) = (0_u64, 0, 0);
    for object in demo.objects() {
        objects += 1;
        events += object.events;
        bytes += object.bytes.len();
        if let Some(folder) = arguments.get(2) {
            let path = std::path::Path::new(folder).join(&object.key);
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(path, &object.bytes)?;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{events} records in {objects} objects, {bytes} bytes, {seconds:.2} s, {:.0} records/s\n{:#?}",
        events as f64 / seconds,
        demo.totals(),
    )?;
    for question in demo.questions() {
        writeln!(std::io::stdout(), "{question:#?}")?;
    }
    Ok(())
}
