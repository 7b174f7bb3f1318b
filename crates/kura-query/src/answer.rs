//! An answer on its way: rows in batches, ended by its limit of time, by whoever holds the
//! token, or by being dropped.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use futures::{Stream, StreamExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::error::{QueryError, Result};
use crate::stats::{Collector, Stats};

/// How long a question may take, and who may end it.
#[derive(Debug, Clone, Default)]
pub struct QueryOptions {
    /// From the asking to the last row.
    pub timeout: Option<Duration>,
    pub cancel: CancellationToken,
}

/// The running of one question, from its asking.
pub struct Run {
    started: Instant,
    timeout: Option<Duration>,
    end: BoxFuture<'static, QueryError>,
}

impl Run {
    /// The one place that looks at a clock of its own: how long something took is not a
    /// time of day.
    #[must_use]
    pub fn start(options: &QueryOptions) -> Self {
        let (timeout, cancel) = (options.timeout, options.cancel.clone());
        let end = async move {
            let time_is_up = async {
                match timeout {
                    Some(timeout) => {
                        tokio::time::sleep(timeout).await;
                        QueryError::Timeout(timeout)
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => QueryError::Cancelled,
                error = time_is_up => error,
            }
        };
        Run { started: Instant::now(), timeout, end: Box::pin(end) }
    }

    /// How long it has been running.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Waits for `work`, or for the end of what it may take.
    pub async fn until<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            error = &mut self.end => Err(error),
            done = work => done,
        }
    }
}

/// Rows of a running statement. Dropping it ends the statement.
pub struct Answer {
    schema: SchemaRef,
    stream: Option<SendableRecordBatchStream>,
    plan: Arc<dyn ExecutionPlan>,
    collector: Arc<Collector>,
    run: Run,
    rows: u64,
    /// What it took, once the last row is out.
    seconds: Option<f64>,
}

impl Answer {
    pub(crate) fn new(
        stream: SendableRecordBatchStream,
        plan: Arc<dyn ExecutionPlan>,
        collector: Arc<Collector>,
        run: Run,
    ) -> Self {
        let (schema, stream) = (stream.schema(), Some(stream));
        Answer { schema, stream, plan, collector, run, rows: 0, seconds: None }
    }

    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What it cost: up to now, and in all once the rows are drained.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            rows: self.rows,
            seconds: self.seconds.unwrap_or_else(|| self.run.seconds()),
            ..self.collector.stats(self.plan.as_ref())
        }
    }

    /// All rows at once: for answers that are known to be small.
    pub async fn collect(mut self) -> Result<(Vec<RecordBatch>, Stats)> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        let stats = self.stats();
        Ok((batches, stats))
    }

    fn finish(&mut self) {
        self.stream = None;
        self.seconds = Some(self.run.seconds());
    }
}

impl Stream for Answer {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let answer = &mut *self;
        let Some(stream) = answer.stream.as_mut() else { return Poll::Ready(None) };
        if let Poll::Ready(error) = answer.run.end.as_mut().poll(context) {
            answer.finish();
            return Poll::Ready(Some(Err(error)));
        }
        // A timer that shares its thread with the work may wake late.
        let late = |limit| answer.run.started.elapsed() > limit;
        if let Some(limit) = answer.run.timeout.filter(|&limit| late(limit)) {
            answer.finish();
            return Poll::Ready(Some(Err(QueryError::Timeout(limit))));
        }
        match stream.poll_next_unpin(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                answer.finish();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(batch))) => {
                answer.rows += batch.num_rows() as u64;
                Poll::Ready(Some(Ok(batch)))
            }
            Poll::Ready(Some(Err(error))) => {
                answer.finish();
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
