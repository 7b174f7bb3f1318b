//! The server that runs on this node, as its commands find it: `server.json` on its disk, which
//! only those can read who may read the lake.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use kura_server::Kura;
use kura_store::{Lake, hot_wire};
use serde::{Deserialize, Serialize};

const FILE: &str = "server.json";
/// A server that is busy answers later than one that is gone.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    url: String,
    token: String,
}

impl Server {
    /// The server that runs on this lake, or did and was killed.
    pub fn of(lake: &Lake) -> Option<Self> {
        let text = std::fs::read(lake.location().data.join(FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// For answers that take so long at most.
    pub fn client(&self, timeout: Option<Duration>) -> anyhow::Result<reqwest::Client> {
        let client = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT);
        Ok(timeout.into_iter().fold(client, |client, timeout| client.timeout(timeout)).build()?)
    }
}

/// The file, while the server runs.
#[derive(Debug)]
pub struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        // A file that stays names a server that does not answer.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Tells commands of this node where the server is.
pub fn announce(lake: &Lake, kura: &Kura, url: String) -> anyhow::Result<Announced> {
    let folder = &lake.location().data;
    std::fs::create_dir_all(folder)?;
    let (path, staging) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
    let _ = std::fs::remove_file(&staging);
    let server = Server { url, token: kura.node_token().to_owned() };
    let mut file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&staging)
        .with_context(|| format!("writing `{}`", staging.display()))?;
    file.write_all(&serde_json::to_vec(&server)?)?;
    std::fs::rename(&staging, &path)?;
    Ok(Announced(path))
}

/// Brings what the server of this node holds and no table has yet, if there is one.
pub async fn see_what_the_server_sees(lake: &Lake) -> anyhow::Result<()> {
    let Some(server) = Server::of(lake) else { return Ok(()) };
    let client = server.client(Some(ANSWER))?;
    let answer = client.get(server.url("/api/v1/node/hot"));
    let answer = match answer.bearer_auth(&server.token).send().await {
        Ok(answer) if answer.status() == reqwest::StatusCode::UNAUTHORIZED => return Ok(()),
        Ok(answer) => answer.error_for_status()?,
        // It was killed: what it had not stored, the next one finds in the log.
        Err(error) if error.is_connect() => return Ok(()),
        Err(error) => return Err(error).context("asking the server of this node"),
    };
    let received = hot_wire::read(&answer.bytes().await?)?;
    if !received.application.is_empty() {
        lake.set_stream(received.application);
        lake.hot().mirror(received.chunks, received.specs);
    }
    Ok(())
}
