//! The use cases about what comes in: where from, and what of it has no column.

use kura_core::identity::Identity;
use kura_core::time::rfc3339;
use kura_query as query;
use kura_query::QueryOptions;

use crate::api;
use crate::usecases::{Kura, Result};

const LIMIT_MAX: usize = 1_001;
const LIMIT_DEFAULT: usize = 100;

impl Kura {
    pub async fn sources(
        &self,
        who: &Identity,
        request: &api::SourcesRequest,
    ) -> Result<api::SourcesResponse> {
        let ticket = self.begin(None, "sources")?;
        let options = self.long(ticket.cancel.clone());
        let tables = self.engine.sources(who, request.table.as_deref(), &options).await?;
        let limit = limit(request);
        let truncated = tables.iter().any(|(_, sources)| sources.len() > limit);
        let first = |(table, sources): &(String, std::sync::Arc<Vec<query::Source>>)| {
            let sources = sources.iter().take(limit);
            sources.map(|found| source(table, found)).collect::<Vec<_>>()
        };
        Ok(api::SourcesResponse { sources: tables.iter().flat_map(first).collect(), truncated })
    }

    pub async fn drift(
        &self,
        who: &Identity,
        request: &api::SourcesRequest,
    ) -> Result<api::DriftResponse> {
        let ticket = self.begin(None, "drift")?;
        let options = self.long(ticket.cancel.clone());
        let (mut fields, mut truncated) = (Vec::new(), false);
        for (table, leftovers) in self.engine.drift(who, request.table.as_deref(), &options).await?
        {
            let found = leftovers.fields();
            truncated |= found.len() > limit(request);
            fields.extend(found.into_iter().take(limit(request)).map(|f| drift_field(&table, f)));
        }
        Ok(api::DriftResponse { fields, truncated })
    }

    /// Whole tables are read the first time, so the longest that is allowed.
    fn long(&self, cancel: tokio_util::sync::CancellationToken) -> QueryOptions {
        QueryOptions { timeout: Some(self.limits.timeout_max), cancel }
    }
}

fn limit(request: &api::SourcesRequest) -> usize {
    request.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
}

fn source(table: &str, found: &query::Source) -> api::Source {
    api::Source {
        table: table.to_owned(),
        source: found.source.clone(),
        objects: found.objects,
        rows: found.rows,
        first_time: rfc3339(found.first_time),
        last_time: rfc3339(found.last_time),
        last_ingested: rfc3339(found.last_ingested),
    }
}

fn drift_field(table: &str, found: query::DriftField) -> api::DriftField {
    api::DriftField {
        table: table.to_owned(),
        field: found.field,
        kind: match found.kind {
            query::DriftKind::Unknown => api::DriftKind::Unknown,
            query::DriftKind::Misfit => api::DriftKind::Misfit,
        },
        rows: found.rows,
        first_origin: found.first_origin,
        first_seen: rfc3339(found.first_seen),
        last_seen: rfc3339(found.last_seen),
        sample: found.sample,
    }
}
