-- "A table with triggers of its own cannot be migrated": user triggers of any name and kind work during the migration;
-- those that name a replaced column (UPDATE OF, WHEN) are made anew for the new column, as they were.
CREATE SCHEMA kt;
CREATE TABLE kt.items (id integer PRIMARY KEY, price integer, label text);
CREATE TABLE kt.log (n serial, what text);
CREATE FUNCTION kt.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kt.log (what) VALUES (concat_ws(' ', tg_name, tg_op, tg_argv[0], new.id, new.price));
	RETURN new;
END $$;
CREATE FUNCTION kt.note_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kt.log (what) SELECT concat_ws(' ', tg_name, tg_op, count(*)) FROM now_there;
	RETURN NULL;
END $$;
INSERT INTO kt.items VALUES (1, 10, 'one'), (2, 20, 'two');
CREATE TRIGGER "~~~ last of all" BEFORE UPDATE ON kt.items FOR EACH ROW EXECUTE FUNCTION kt.note();
CREATE TRIGGER of_price AFTER UPDATE OF id, price ON kt.items FOR EACH ROW EXECUTE FUNCTION kt.note('it''s', 'x');
CREATE TRIGGER "When" AFTER INSERT OR UPDATE ON kt.items FOR EACH ROW WHEN (new.price > 100 AND new.label <> '') EXECUTE FUNCTION kt.note();
CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF price ON kt.items DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (old.price IS DISTINCT FROM new.price) EXECUTE FUNCTION kt.note('deferred');
CREATE TRIGGER statement AFTER UPDATE ON kt.items REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION kt.note_all();
CREATE TRIGGER off BEFORE UPDATE OF price ON kt.items FOR EACH ROW EXECUTE FUNCTION kt.note();
CREATE TRIGGER always_on AFTER UPDATE OF price ON kt.items FOR EACH ROW EXECUTE FUNCTION kt.note();
CREATE TRIGGER replicas AFTER UPDATE OF price ON kt.items FOR EACH ROW EXECUTE FUNCTION kt.note();
ALTER TABLE kt.items DISABLE TRIGGER off, ENABLE ALWAYS TRIGGER always_on, ENABLE REPLICA TRIGGER replicas;
COMMENT ON TRIGGER of_price ON kt.items IS 'prices';
CREATE FUNCTION pg_temp.triggers() RETURNS TABLE (trigger text) LANGUAGE sql AS $$
SELECT format('%s enabled %s -- %s', pg_get_triggerdef(oid), tgenabled, obj_description(oid, 'pg_trigger')) FROM pg_trigger WHERE tgrelid = 'kt.items'::regclass AND NOT tgisinternal ORDER BY 1
$$;
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.triggers();
SELECT migrate_start('00_init', '{"operations": []}', 'kt');
SELECT migrate_complete('kt');
SELECT helper.remember('kt');

\set change '{"operations": [{"alter_column": {"table": "items", "column": "price", "type": "numeric(10,2)", "up": "price * 2", "down": "price / 2"}}]}'
SELECT migrate_start('01_price', :'change', 'kt');
CALL migrate_wait(schema_name => 'kt');
SELECT what FROM kt.log; -- filling fires none of them
UPDATE kt_00_init.items SET price = 60 WHERE id = 1;
SELECT what FROM kt.log ORDER BY n;
TRUNCATE kt.log;
-- The new version's statement does not name the old column: WHEN conditions hold, UPDATE OF does not.
UPDATE kt_01_price.items SET price = 400 WHERE id = 2;
SELECT what FROM kt.log ORDER BY n;
SELECT * FROM kt_00_init.items ORDER BY id;
SELECT * FROM kt_01_price.items ORDER BY id;
SELECT migrate_rollback(schema_name => 'kt');
SELECT * FROM pg_temp.triggers() EXCEPT SELECT * FROM before;
SELECT helper.changes('kt');
SELECT migrate_start('01_price', :'change', 'kt');
CALL migrate_wait(schema_name => 'kt');
SELECT migrate_complete('kt');
SELECT '+' AS side, * FROM (SELECT * FROM pg_temp.triggers() EXCEPT SELECT * FROM before) x
UNION ALL SELECT '-', * FROM (SELECT * FROM before EXCEPT SELECT * FROM pg_temp.triggers()) x ORDER BY 2, 1;
SELECT helper.changes('kt');
TRUNCATE kt.log;
UPDATE kt_01_price.items SET price = 500.5 WHERE id = 2;
SELECT what FROM kt.log ORDER BY n;
SET client_min_messages = warning;
DROP SCHEMA kt, kt_01_price CASCADE;
