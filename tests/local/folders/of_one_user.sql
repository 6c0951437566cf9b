-- The metadata of a data folder as the release before several users wrote it; DATA is the folder.
BEGIN TRANSACTION;
CREATE TABLE deployment_versions (
    deployment_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    spec TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, version)
);
INSERT INTO "deployment_versions" VALUES(1,1,'{"modelName": "old", "modelPath": "/Projects/local/Models/old", "modelVersion": 1, "modelFramework": "PYTHON", "modelServer": "PYTHON", "predictor": "predict_old.py", "requestedInstances": 1, "predictorResources": {"requests": {"cores": 0.2, "memory": 32, "gpus": 0}, "limits": {"cores": 2, "memory": 1024, "gpus": 0}}, "predictorScalingConfig": {"minInstances": 1}, "servingTool": "DEFAULT", "apiProtocol": "REST", "batchingConfiguration": {"batchingEnabled": false}}',1795885194733,1795885194733);
CREATE TABLE deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL,
    model_name TEXT,
    model_version INTEGER,
    shall_run INTEGER NOT NULL DEFAULT 0,
    revision TEXT,
    deployed INTEGER,
    created INTEGER NOT NULL,
    UNIQUE (project_id, name)
);
INSERT INTO "deployments" VALUES(1,119,'old',1,'old',1,0,NULL,NULL,1795885194733);
CREATE TABLE env_vars (
    name TEXT PRIMARY KEY,
    value TEXT,
    secret TEXT,
    project INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "env_vars" VALUES('COLOUR','red',NULL,NULL,1795885192884,1795885192884);
INSERT INTO "env_vars" VALUES('TOKEN',NULL,'token',NULL,1795885192887,1795885192887);
CREATE TABLE execution_details (
  execution INTEGER PRIMARY KEY REFERENCES executions(id) ON DELETE CASCADE,
  args TEXT NOT NULL,
  environment TEXT NOT NULL,
  scheduled INTEGER NOT NULL,
  reruns INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "execution_details" VALUES(1,'','{}',0,0);
CREATE TABLE executions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  submitted INTEGER NOT NULL,
  finished INTEGER,
  message TEXT
);
INSERT INTO "executions" VALUES(1,1,'FINISHED',1795885192930,1795885193125,NULL);
CREATE TABLE feature_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
INSERT INTO "feature_groups" VALUES(1,67,'old',1,1795885194224,'{"type": "cachedFeaturegroupDTO", "name": "old", "featurestoreId": 67, "featurestoreName": "local_featurestore", "version": 1, "description": "", "statisticsConfig": {"enabled": true, "correlations": false, "histograms": false, "exactUniqueness": false, "columns": []}, "transformationFunctions": [], "ttlEnabled": false, "onlinePartitionColumns": false, "sinkEnabled": false, "parents": [], "creator": {"username": "local000", "email": "local@localhost", "firstName": "Local", "lastName": "User"}, "deprecated": false, "timeTravelFormat": "DELTA", "onlineEnabled": false, "features": [{"name": "id", "type": "bigint", "columnName": "id", "primary": true, "foreign": false, "partition": false, "hudiPrecombineKey": false, "onDemand": false, "offlineOnly": false, "featureGroupId": 1}, {"name": "x", "type": "double", "columnName": "x", "primary": false, "foreign": false, "partition": false, "hudiPrecombineKey": false, "onDemand": false, "offlineOnly": false, "featureGroupId": 1}], "dataSource": {"metrics": [], "dimensions": [], "format": "DELTA", "storageConnector": {"id": 0, "name": "local_files", "featurestoreId": 67, "storageConnectorType": "S3", "type": "featurestoreS3ConnectorDTO", "arguments": []}}, "id": 1, "created": "2026-11-28T16:59:54.224Z", "location": "file://DATA/featurestore/local_featurestore.db/old_1"}');
CREATE TABLE feature_view_sources (
  feature_view INTEGER NOT NULL REFERENCES feature_views(id) ON DELETE CASCADE,
  feature_group INTEGER NOT NULL,
  PRIMARY KEY (feature_view, feature_group)
) WITHOUT ROWID;
CREATE TABLE feature_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
CREATE TABLE job_schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job INTEGER NOT NULL UNIQUE REFERENCES jobs(id) ON DELETE CASCADE,
  definition TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  next_run INTEGER
);
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (project, name)
);
INSERT INTO "jobs" VALUES(1,119,'old','{"type": "pythonJobConfiguration", "environmentName": "python-feature-pipeline", "resourceConfig": {"cores": 1.0, "memory": 2048, "gpus": 0}, "logRedirection": true, "jobType": "PYTHON", "appPath": "hdfs:///Projects/local/Resources/job_old.py", "appName": "old"}',1795885192919);
CREATE TABLE kafka_schemas (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL,
    canonical TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (project, canonical)
);
CREATE TABLE kafka_topics (
    project INTEGER NOT NULL,
    name TEXT NOT NULL,
    partitions INTEGER NOT NULL,
    subject TEXT,
    version INTEGER,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
CREATE TABLE kafka_versions (
    project INTEGER NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL REFERENCES kafka_schemas(id),
    PRIMARY KEY (project, subject, version)
) WITHOUT ROWID;
CREATE TABLE keywords (
  feature_store INTEGER NOT NULL,
  kind TEXT NOT NULL,
  object INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  PRIMARY KEY (kind, object, keyword)
) WITHOUT ROWID;
CREATE TABLE model_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    description TEXT,
    framework TEXT,
    metrics TEXT,
    environment TEXT,
    program TEXT,
    feature_view TEXT,
    training_dataset_version INTEGER,
    created INTEGER NOT NULL,
    UNIQUE (project_id, name, version)
);
INSERT INTO "model_versions" VALUES(1,119,'old',1,'A collection of models for old','PYTHON','{"auc": 0.5}',NULL,NULL,NULL,NULL,1795885194569);
CREATE TABLE projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    description TEXT,
    namespace TEXT,
    feature_store_topic TEXT,
    created INTEGER NOT NULL
);
INSERT INTO "projects" VALUES(119,'local','The first project of this data folder.',NULL,NULL,1795885192717);
INSERT INTO "projects" VALUES(120,'second',NULL,NULL,NULL,1795885192767);
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    project INTEGER,
    created INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "secrets" VALUES('team','for all',120,1795885192873);
INSERT INTO "secrets" VALUES('token','of the owner',NULL,1795885192789);
CREATE TABLE statistics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  object INTEGER NOT NULL,
  computation_time INTEGER NOT NULL,
  row_percentage REAL NOT NULL,
  before_transformation INTEGER NOT NULL,
  window_start_commit_time INTEGER,
  window_end_commit_time INTEGER,
  window_start_event_time INTEGER,
  window_end_event_time INTEGER,
  event_time TEXT,
  body TEXT NOT NULL
);
CREATE TABLE statistics_ids (last INTEGER NOT NULL);
CREATE TABLE tag_schemas (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tags (
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (kind, object, name)
) WITHOUT ROWID;
CREATE TABLE training_datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  feature_view INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_view, version)
);
CREATE TABLE transformation_functions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
CREATE INDEX executions_of_job ON executions(job, id);
CREATE INDEX statistics_of ON statistics(kind, object, computation_time);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('projects',120);
INSERT INTO "sqlite_sequence" VALUES('jobs',1);
INSERT INTO "sqlite_sequence" VALUES('executions',1);
INSERT INTO "sqlite_sequence" VALUES('feature_groups',1);
INSERT INTO "sqlite_sequence" VALUES('model_versions',1);
INSERT INTO "sqlite_sequence" VALUES('deployments',1);
COMMIT;
