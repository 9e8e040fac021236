//! Drives UmaDB by its own client: `umadb-load URL POOL CONDITIONAL-POOL`.
//!
//! Each line of standard input is an order, and is answered by a line on standard output:
//!
//! ```text
//! count                        → EVENTS
//! fill EVENTS                  → ok
//! append CALLERS SIZE SECONDS  → EVENTS SECONDS P50_US
//! conditional CALLERS SECONDS  → EVENTS SECONDS 0
//! catch-up SECONDS             → EVENTS SECONDS 0
//! ```
//!
//! One that fails is answered by `error` and why. It ends when standard input does.

mod load;
mod pool;

use std::env;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, stdin, stdout};
use umadb_client::UmaDbClient;

use load::{Failure, Load, Work};
use pool::read_pool;

// One thread: it has one core, and this client drives more with it so.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [url, pool, conditional] = args.as_slice() else {
        return Err("usage: umadb-load URL POOL CONDITIONAL-POOL".into());
    };
    let client = UmaDbClient::new(url.clone()).connect_async().await?;
    let load = Load::new(client, read_pool(pool)?, read_pool(conditional)?);
    let mut orders = BufReader::new(stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        let answer = match obey(&load, &order).await {
            Ok(answer) => answer,
            Err(error) => format!("error {}", error.to_string().replace('\n', " ")),
        };
        let mut out = stdout();
        out.write_all(format!("{answer}\n").as_bytes()).await?;
        out.flush().await?;
    }
    Ok(())
}

async fn obey(load: &Load, order: &str) -> Result<String, Failure> {
    let words: Vec<&str> = order.split(' ').collect();
    match words.as_slice() {
        ["count"] => Ok(load.count().await?.to_string()),
        ["fill", events] => {
            load.fill(number(events)?).await?;
            Ok("ok".to_owned())
        }
        ["append", callers, size, seconds] => {
            let (callers, size) = (number(callers)?, number(size)?);
            Ok(line(load.appends(callers, size, time(seconds)?).await?))
        }
        ["conditional", callers, seconds] => Ok(line(
            load.conditional(number(callers)?, time(seconds)?).await?,
        )),
        ["catch-up", seconds] => Ok(line(load.catch_up(time(seconds)?).await?)),
        _ => Err(format!("no such order: {order}").into()),
    }
}

fn line(
    Work {
        events,
        seconds,
        p50_us,
    }: Work,
) -> String {
    format!("{events} {seconds} {p50_us}")
}

fn number<T: FromStr<Err: std::error::Error + 'static>>(word: &str) -> Result<T, Failure> {
    Ok(word.parse()?)
}

fn time(word: &str) -> Result<Duration, Failure> {
    Ok(Duration::from_secs_f64(number(word)?))
}
