import assert from "node:assert/strict";
import { test } from "node:test";
import { stageContents } from "../../../test/support/stage-files.ts";
import { testEngine } from "../../../test/support/test-engine.ts";

const engine = testEngine();

const FILES = {
  "a.json":
    '{"id":1,"k":"x","n":10,"at":"2026-01-31T10:20:30Z","user":{"name":"Ann","tags":["p","q"]},"items":[{"sku":"s1","qty":2},{"sku":"s2","qty":3}],"raw":"{\\"v\\":[1,2]}","s":"42"}\n' +
    '{"id":2,"k":"y","n":20,"at":"2026-02-01T00:00:00Z","user":{"name":"Bob","tags":[]},"items":[],"raw":"{}","s":"x7"}\n',
  "b.json":
    '{"id":1,"k":"x","n":11,"at":"2026-02-02T00:00:00Z","user":{"name":"Ann","tags":["r"]},"items":[{"sku":"s3","qty":1}],"raw":"[]","s":null}\n',
};

/** Each with the rows that come of it, sorted. */
const USEFUL: readonly (readonly [sql: string, rows: readonly string[]])[] = [
  ["SELECT id, k FROM batch", ['{"id":"1","k":"x"}', '{"id":"1","k":"x"}', '{"id":"2","k":"y"}']],
  ["FROM batch SELECT id WHERE id = 2", ['{"id":"2"}']],
  [
    'SELECT * EXCLUDE ("at", user, items, raw, s, _rescued_data) FROM batch WHERE n > 15',
    ['{"id":"2","k":"y","n":"20"}'],
  ],
  [
    'SELECT * EXCLUDE ("at", user, items, raw, s, _rescued_data) REPLACE (n * 2 AS n) FROM batch WHERE id = 2;\n',
    ['{"id":"2","k":"y","n":"40"}'],
  ],
  ["SELECT COLUMNS('^(id|k)$') FROM batch WHERE id = 2", ['{"id":"2","k":"y"}']],
  [
    "SELECT id, user.name AS name, batch.user.tags[1] AS tag FROM batch WHERE n = 10",
    ['{"id":"1","name":"Ann","tag":"p"}'],
  ],
  [
    "SELECT id, unnest(items, recursive := true) FROM batch WHERE n = 11",
    ['{"id":"1","sku":"s3","qty":"1"}'],
  ],
  [
    "SELECT batch.id, i.sku, i.qty FROM batch, UNNEST(batch.items) AS u(i)",
    ['{"id":"1","sku":"s1","qty":"2"}', '{"id":"1","sku":"s2","qty":"3"}', '{"id":"1","sku":"s3","qty":"1"}'],
  ],
  [
    "SELECT id, count(*) AS c, sum(n) AS total, avg(n) AS mean FROM batch GROUP BY id",
    ['{"id":"1","c":"2","total":"21","mean":10.5}', '{"id":"2","c":"1","total":"20","mean":20}'],
  ],
  ["SELECT k FROM batch GROUP BY ALL HAVING count(*) > 1", ['{"k":"x"}']],
  ["SELECT count(DISTINCT id) AS c, count(*) FILTER (WHERE n > 10) AS d FROM batch", ['{"c":"2","d":"2"}']],
  [
    'SELECT id, n FROM batch QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1',
    ['{"id":"1","n":"11"}', '{"id":"2","n":"20"}'],
  ],
  ["SELECT DISTINCT ON (id) id, n FROM batch ORDER BY id, n", ['{"id":"1","n":"10"}', '{"id":"2","n":"20"}']],
  ["SELECT DISTINCT id FROM batch", ['{"id":"1"}', '{"id":"2"}']],
  [
    "SELECT id, 'a' AS src FROM batch WHERE id = 2 UNION ALL SELECT id, 'b' FROM batch WHERE id = 2",
    ['{"id":"2","src":"a"}', '{"id":"2","src":"b"}'],
  ],
  ["SELECT id FROM batch EXCEPT SELECT id FROM batch WHERE id = 1", ['{"id":"2"}']],
  [
    "WITH ones AS (SELECT * FROM batch WHERE id = 1), sums(t) AS (SELECT sum(n) FROM ones) SELECT t FROM sums",
    ['{"t":"21"}'],
  ],
  [
    "SELECT CASE WHEN n > 10 THEN 'big' ELSE 'small' END AS size, CAST(n AS DECIMAL(10,2)) AS d, TRY_CAST(s AS INT) AS i FROM batch WHERE id = 2",
    ['{"size":"big","d":"20.00"}'],
  ],
  [
    "SELECT raw->>'$.v[0]' AS v, json_extract_string(raw, '$.v[1]') AS w, CAST(json_extract(raw, '$.v') AS BIGINT[]) AS l FROM batch WHERE n = 10",
    ['{"v":"1","w":"2","l":["1","2"]}'],
  ],
  ['SELECT from_json(raw, \'{"v":["BIGINT"]}\').v AS v FROM batch WHERE n = 10', ['{"v":["1","2"]}']],
  [
    "SELECT regexp_replace(s, '[a-z]', '') AS digits, regexp_extract(s, '(\\d)', 1) AS one FROM batch WHERE id = 2",
    ['{"digits":"7","one":"7"}'],
  ],
  [
    'SELECT date_trunc(\'day\', "at") AS d, year("at") AS y, strftime("at", \'%Y-%m\') AS m FROM batch WHERE n = 10',
    ['{"d":"2026-01-31 00:00:00+00","y":"2026","m":"2026-01"}'],
  ],
  [
    'SELECT "at" + INTERVAL 1 DAY AS t, CAST("at" AS DATE) AS d FROM batch WHERE id = 2',
    ['{"t":"2026-02-02 00:00:00+00","d":"2026-02-01"}'],
  ],
  [
    "SELECT list_transform(items, lambda i: i.qty * 10) AS q, [x + 1 FOR x IN [1, 2] IF x > 1] AS c FROM batch WHERE n = 10",
    ['{"q":["20","30"],"c":[3]}'],
  ],
  ["SELECT list_filter(user.tags, lambda t: t <> 'p') AS t FROM batch WHERE n = 10", ['{"t":["q"]}']],
  ["SELECT list_reduce([1, 2, 3], lambda a, b: a + b) AS r FROM batch WHERE id = 2", ['{"r":6}']],
  [
    "SELECT k, list(n ORDER BY n DESC) AS ns, string_agg(s, '|' ORDER BY n) AS ss FROM batch WHERE id = 1 GROUP BY k",
    ['{"k":"x","ns":["11","10"],"ss":"42"}'],
  ],
  [
    'SELECT id, lag(n) OVER (PARTITION BY id ORDER BY "at") AS before, sum(n) OVER (PARTITION BY id) AS total FROM batch WHERE id = 1',
    ['{"id":"1","before":"10","total":"21"}', '{"id":"1","total":"21"}'],
  ],
  ["SELECT b.id FROM batch b JOIN (SELECT max(n) AS n FROM batch) m USING (n)", ['{"id":"2"}']],
  [
    "SELECT id FROM batch b WHERE n = (SELECT max(n) FROM batch WHERE id = b.id)",
    ['{"id":"1"}', '{"id":"2"}'],
  ],
  ["SELECT id FROM batch WHERE EXISTS (FROM batch x WHERE x.n > batch.n + 9)", ['{"id":"1"}']],
  [
    "SELECT b.id, v.label FROM batch b JOIN (VALUES (1, 'one'), (2, 'two')) v(id, label) ON v.id = b.id WHERE n = 20",
    ['{"id":"2","label":"two"}'],
  ],
  [
    "SELECT {'a': id, 'b': [k]} AS s, MAP {'x': n} AS m FROM batch WHERE id = 2",
    ['{"s":{"a":"2","b":["y"]},"m":[{"key":"x","value":"20"}]}'],
  ],
  ["WITH batch AS (SELECT * FROM batch WHERE id > 1) SELECT id FROM batch", ['{"id":"2"}']],
  ["SELECT id FROM batch ORDER BY n DESC LIMIT 1", ['{"id":"2"}']],
  [
    "SELECT k, grouping(k) AS g, count(*) AS c FROM batch GROUP BY ROLLUP (k)",
    ['{"g":"1","c":"3"}', '{"k":"x","g":"0","c":"2"}', '{"k":"y","g":"0","c":"1"}'],
  ],
  ["SELECT -- the id\n id /* and nothing else */ FROM batch WHERE id = 2 -- done", ['{"id":"2"}']],
];

test("useful transforms give the rows that they say", async (t) => {
  const wrong: string[] = [];
  for (const [sql, expected] of USEFUL) {
    const found = await stageContents(engine, t, FILES, {
      format: "json",
      transform: { kind: "sql", name: "transform", sql },
    }).then(
      ({ rows }) => rows,
      (error: unknown) => [String(error)],
    );
    const sorted = expected.toSorted();
    if (JSON.stringify(found) !== JSON.stringify(sorted)) wrong.push(`${sql}\n  gave ${found.join(" ")}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(USEFUL.length >= 25);
});
