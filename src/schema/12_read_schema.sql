-- The definition of a schema as one value: what the history keeps of each migration, and what a later look is compared with.
-- The keys are those of pgroll's read_schema; definition, identity, generated, collation, valid, partitionKey and replicaIdentity are
-- added. Constraints and indexes list their columns in key order. A partition is told by its parent.
-- format_type and pg_get_…def qualify names by the search_path, which therefore is fixed: user types are always qualified.

CREATE FUNCTION pgmigrate.read_schema(schema_name name) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_build_object('name', schema_name, 'tables', coalesce(jsonb_object_agg(c.relname, jsonb_strip_nulls(jsonb_build_object(
         'name', c.relname,
         'oid', c.oid::text,
         'comment', obj_description(c.oid, 'pg_class'),
         'partitionKey', pg_get_partkeydef(c.oid),
         'replicaIdentity', CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END,
         'columns', coalesce(columns.value, '{}'),
         'primaryKey', coalesce(constraints.primary_key, '[]'),
         'indexes', coalesce(indexes.value, '{}'),
         'checkConstraints', coalesce(constraints.checks, '{}'),
         'uniqueConstraints', coalesce(constraints.uniques, '{}'),
         'excludeConstraints', coalesce(constraints.excludes, '{}'),
         'foreignKeys', coalesce(constraints.foreign_keys, '{}')))), '{}'))
  FROM pg_class c
 CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(a.attname, jsonb_build_object(
                'name', a.attname,
                'type', replace(replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz'),
                'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
                'nullable', NOT a.attnotnull,
                'unique', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1
                                                           AND i.indkey[0] = a.attnum AND i.indpred IS NULL),
                'comment', col_description(c.oid, a.attnum),
                'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
                'generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
                'collation', CASE WHEN a.attcollation <> t.typcollation
                                  THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(l.collname) FROM pg_collation l
                                          JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
                'enumValues', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
                'postgresType', CASE t.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum'
                                               WHEN 'p' THEN 'pseudo' WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' END)) AS value
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) columns
 CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(x.relname, jsonb_build_object(
                'name', x.relname,
                'unique', i.indisunique,
                'exclusion', i.indisexclusion,
                'columns', coalesce((SELECT jsonb_agg(a.attname ORDER BY k.position)
                                       FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k(attnum, position)
                                       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                                      WHERE k.position <= i.indnkeyatts), '[]'),
                'predicate', pg_get_expr(i.indpred, i.indrelid),
                'method', m.amname,
                'definition', pg_get_indexdef(i.indexrelid),
                'valid', i.indisvalid)) AS value
         FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
        WHERE i.indrelid = c.oid) indexes
 CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(f.conname, f.value || jsonb_build_object('noInherit', f.connoinherit)) FILTER (WHERE f.contype = 'c') AS checks,
              jsonb_object_agg(f.conname, f.value) FILTER (WHERE f.contype = 'u') AS uniques,
              jsonb_object_agg(f.conname, f.value || jsonb_build_object('method', f.amname, 'predicate', f.predicate))
                FILTER (WHERE f.contype = 'x') AS excludes,
              jsonb_object_agg(f.conname, f.value || f.reference) FILTER (WHERE f.contype = 'f') AS foreign_keys,
              jsonb_agg(f.key) FILTER (WHERE f.contype = 'p') -> 0 AS primary_key
         FROM (SELECT k.conname, k.contype, k.connoinherit, key.columns AS key, m.amname, pg_get_expr(i.indpred, i.indrelid) AS predicate,
                      jsonb_build_object('name', k.conname, 'columns', key.columns, 'definition', pg_get_constraintdef(k.oid),
                                         'comment', obj_description(k.oid, 'pg_constraint')) AS value,
                      CASE WHEN k.contype = 'f' THEN jsonb_build_object(
                        'referencedTable', CASE WHEN r.relnamespace = c.relnamespace THEN r.relname::text ELSE r.oid::regclass::text END,
                        'referencedColumns', (SELECT jsonb_agg(a.attname ORDER BY u.position)
                                                FROM unnest(k.confkey) WITH ORDINALITY u(attnum, position)
                                                JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = u.attnum),
                        'matchType', CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' ELSE 'SIMPLE' END,
                        'onDelete', actions.name ->> k.confdeltype::text,
                        'onUpdate', actions.name ->> k.confupdtype::text) END AS reference
                 FROM pg_constraint k
                 LEFT JOIN pg_class r ON r.oid = k.confrelid
                 LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'x'
                 LEFT JOIN pg_class x ON x.oid = i.indexrelid
                 LEFT JOIN pg_am m ON m.oid = x.relam
                CROSS JOIN (SELECT jsonb '{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}' AS name) actions
                CROSS JOIN LATERAL (SELECT coalesce(jsonb_agg(a.attname ORDER BY u.position), '[]') AS columns
                                      FROM unnest(k.conkey) WITH ORDINALITY u(attnum, position)
                                      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) key
                -- A foreign key to a partitioned table has children that only repeat it for each partition.
                WHERE k.conrelid = c.oid AND k.conparentid = 0 AND k.contype IN ('c', 'u', 'x', 'f', 'p')) f) constraints
 WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = schema_name) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
$$;
COMMENT ON FUNCTION pgmigrate.read_schema(name) IS
'definition of the tables of a schema as one value: columns, keys, indexes and constraints; with pgroll''s keys';
