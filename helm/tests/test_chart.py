"""What the chart makes, and what each switch changes."""

import copy
import json
import re
from collections.abc import Callable, Iterator

import helm_python
import pytest
import yaml

from app import __version__
from app.settings import SECRETS, load_settings
from helm.tests.conftest import CHART, Object, Rendered

Render = Callable[..., Rendered]
WORKLOADS = [("Deployment", "api"), ("Deployment", "worker"), ("Job", "migrate")]
EVERYTHING: Object = {
    "image": {"digest": f"sha256:{'a' * 64}", "pullSecrets": [{"name": "pull"}]},
    "secrets": {"owner_url": {"name": "owner", "key": "url"}},
    "config": {"log_level": "warning", "pool_size": 5, "poll_seconds": 0.25, "sandbox": False},
    "api": {
        "autoscaling": {"enabled": True},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "x", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
        "podAnnotations": {"a": "b"},
    },
    "worker": {"autoscaling": {"enabled": True}, "pdb": {"minAvailable": "50%"}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "annotations": {"a": "b"},
        "tls": {"secretName": "relief-tls"},
    },
    "metrics": {
        "serviceMonitor": {"enabled": True, "key": {"name": "watch", "key": "key"}},
        "rules": {"enabled": True},
        "dashboards": {"enabled": True},
    },
}


def pod_of(one: Object) -> Object:
    pod: Object = one["spec"]["template"]["spec"]
    return pod


def containers(one: Object) -> Iterator[Object]:
    pod = pod_of(one)
    yield from [*pod["containers"], *pod.get("initContainers", [])]


def environment(one: Object) -> dict[str, str]:
    (container, *_) = pod_of(one)["containers"]
    return {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}


def secrets_of(one: Object, volume: str) -> set[str]:
    (found,) = [each for each in pod_of(one)["volumes"] if each["name"] == volume]
    items = [source["secret"]["items"] for source in found["projected"]["sources"]]
    return {entry["path"] for item in items for entry in item}


def without(rendered: Rendered, *keys: tuple[str, str]) -> Rendered:
    return {key: one for key, one in rendered.items() if key not in keys}


# --- what is always so ---------------------------------------------------------------------------


def test_the_chart_is_clean_by_helms_own_lint() -> None:
    for values in ({}, EVERYTHING):
        report = helm_python.lint(CHART, values, strict=True)
        told = [one for one in report["messages"] if "icon" not in one["error"]]
        assert (told, report["errors"]) == ([], [])


def test_the_chart_and_the_service_are_one_version(chart: helm_python.Chart) -> None:
    assert chart.metadata["appVersion"] == __version__


def test_by_default_api_and_worker_stand_apart_behind_a_closed_network(render: Render) -> None:
    kinds = sorted({kind for kind, _ in render()})
    assert kinds == [
        "Deployment",
        "Job",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "Service",
    ]


def test_everything_switched_on_is_valid_and_adds_the_rest(render: Render) -> None:
    added = set(render(EVERYTHING)) - set(render())
    assert {kind for kind, _ in added} == {
        "HorizontalPodAutoscaler",
        "Ingress",
        "ServiceMonitor",
        "PrometheusRule",
        "ConfigMap",
    }


@pytest.mark.parametrize("key", WORKLOADS)
@pytest.mark.parametrize("mode", ["hook", "init"])
def test_no_container_may_do_more_than_it_needs(
    render: Render, key: tuple[str, str], mode: str
) -> None:
    one = render({"migrations": {"mode": mode}}).get(key)
    if one is None:
        assert (key, mode) == (("Job", "migrate"), "init")
        return
    pod = pod_of(one)
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False  # else a Service's own RELIEF_PORT is a wrong setting
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    for container in containers(one):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert container["resources"]["requests"]
        assert container["resources"]["limits"]["memory"]


def test_secrets_are_files_by_reference_and_the_owners_goes_to_the_migration_alone(
    render: Render,
) -> None:
    made = render(EVERYTHING)
    assert secrets_of(made["Job", "migrate"], "owner-secrets") == {
        "relief_owner_url",
        "relief_database_url",
    }
    for key in WORKLOADS[:2]:
        assert secrets_of(made[key], "secrets") == {"relief_database_url", "relief_master_key"}
    assert not [one for (kind, _), one in made.items() if kind == "Secret"]
    text = json.dumps(list(made.values()))
    for name in SECRETS:
        assert f"RELIEF_{name.upper()}" not in text


def test_the_service_reads_what_the_chart_gives_it(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environment(render(EVERYTHING)["Deployment", "api"])
    for name, value in given.items():
        monkeypatch.setenv(name, value.replace("$(POD_IP)", "10.1.2.3"))
    settings = load_settings()
    assert (settings.pool_size, settings.poll_seconds, settings.sandbox) == (5, 0.25, False)
    assert {"10.1.2.3", "relief.example", "relief.relief.svc"} <= settings.hosts()
    assert settings.host == "0.0.0.0"


# --- what each switch changes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "gone", "come"),
    [
        ({"migrations": {"mode": "off"}}, {("Job", "migrate")}, set()),
        ({"migrations": {"mode": "init"}}, {("Job", "migrate")}, set()),
        ({"api": {"pdb": {"enabled": False}}}, {("PodDisruptionBudget", "api")}, set()),
        ({"storage": {"existingClaim": "ours"}}, {("PersistentVolumeClaim", "")}, set()),
        (
            {"api": {"autoscaling": {"enabled": True}}},
            set(),
            {("HorizontalPodAutoscaler", "api")},
        ),
        (
            {"worker": {"autoscaling": {"enabled": True}}},
            set(),
            {("HorizontalPodAutoscaler", "worker")},
        ),
        (
            {"ingress": {"enabled": True, "tls": {"terminatedElsewhere": True}}},
            set(),
            {("Ingress", "")},
        ),
        (
            {"metrics": {"serviceMonitor": {"enabled": True, "key": {"name": "k"}}}},
            set(),
            {("ServiceMonitor", "")},
        ),
        ({"metrics": {"rules": {"enabled": True}}}, set(), {("PrometheusRule", "")}),
        (
            {"networkPolicy": {"egress": {"documents": {"ports": [9000]}}}},
            set(),
            {("NetworkPolicy", "api-documents"), ("NetworkPolicy", "worker-documents")},
        ),
        (
            {"networkPolicy": {"egress": {"identity": {"ports": [443]}}}},
            set(),
            {("NetworkPolicy", "api-identity")},
        ),
    ],
)
def test_a_switch_adds_and_takes_away_only_its_own(
    render: Render,
    values: Object,
    gone: set[tuple[str, str]],
    come: set[tuple[str, str]],
) -> None:
    before, after = set(render()), set(render(values))
    assert (before - after, after - before) == (gone, come)


def test_a_network_policy_can_be_switched_off_whole(render: Render) -> None:
    assert "NetworkPolicy" not in {
        kind for kind, _ in render({"networkPolicy": {"enabled": False}})
    }


def test_autoscaling_takes_the_number_of_replicas_out_of_our_hands(render: Render) -> None:
    assert render()["Deployment", "api"]["spec"]["replicas"] == 2
    made = render({"api": {"autoscaling": {"enabled": True, "maxReplicas": 9}}})
    assert "replicas" not in made["Deployment", "api"]["spec"]
    spec = made["HorizontalPodAutoscaler", "api"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 9)
    assert spec["scaleTargetRef"]["name"] == made["Deployment", "api"]["metadata"]["name"]


def test_a_migration_is_a_hook_with_a_deadline_or_an_init_container_of_both(render: Render) -> None:
    job = render({"migrations": {"deadlineSeconds": 77}})["Job", "migrate"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert "hook-failed" not in job["metadata"]["annotations"]["helm.sh/hook-delete-policy"]
    assert (job["spec"]["activeDeadlineSeconds"], job["spec"]["backoffLimit"]) == (77, 0)
    made = render({"migrations": {"mode": "init"}})
    for key in WORKLOADS[:2]:
        (first,) = pod_of(made[key])["initContainers"]
        assert first["args"] == ["migrate"]
        assert "initContainers" not in pod_of(render()[key])


def test_a_budget_keeps_what_it_is_told(render: Render) -> None:
    def budget(**told: object) -> Object:
        made = render({"api": {"replicas": 3, "pdb": told}})
        spec: Object = made["PodDisruptionBudget", "api"]["spec"]
        return spec

    assert budget()["maxUnavailable"] == 1
    assert budget(maxUnavailable="25%")["maxUnavailable"] == "25%"
    assert budget(minAvailable=2)["minAvailable"] == 2
    assert "maxUnavailable" not in budget(minAvailable=2)


def test_nothing_goes_in_or_out_that_is_not_named(render: Render) -> None:
    made = render()
    policies = {name: one for (kind, name), one in made.items() if kind == "NetworkPolicy"}
    denied = policies.pop("deny")["spec"]
    assert denied["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in denied
    assert "egress" not in denied
    labels = denied["podSelector"]["matchLabels"]
    for key in WORKLOADS:
        assert labels.items() <= made[key]["spec"]["template"]["metadata"]["labels"].items()
    assert set(policies) == {
        "door",
        *("api-dns", "api-database"),
        *("worker-dns", "worker-database", "worker-insurers"),
        *("migrate-dns", "migrate-database"),
    }
    door = policies["door"]["spec"]
    assert door["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "api"
    (rule,) = policies["worker-insurers"]["spec"]["egress"]
    assert "169.254.0.0/16" in rule["to"][0]["ipBlock"]["except"]


def test_who_may_come_in_can_be_named(render: Render) -> None:
    ingress = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    watching = {"podSelector": {"matchLabels": {"app": "prometheus"}}}
    made = render({"networkPolicy": {"ingressFrom": [ingress], "metricsFrom": [watching]}})
    (rule,) = made["NetworkPolicy", "door"]["spec"]["ingress"]
    assert rule["from"] == [ingress, watching]


def test_the_ingress_lets_in_what_callers_need_and_keeps_figures_inside(render: Render) -> None:
    spec = render(EVERYTHING)["Ingress", ""]["spec"]
    (rule,) = spec["rules"]
    assert rule["host"] == "relief.example"
    assert spec["tls"] == [{"hosts": ["relief.example"], "secretName": "relief-tls"}]
    paths = {path["path"] for path in rule["http"]["paths"]}
    assert paths == {"/v1", "/docs", "/openapi.json", "/version"}


def test_the_monitor_asks_with_a_key_and_finds_the_service(render: Render) -> None:
    made = render(EVERYTHING)
    (end,) = made["ServiceMonitor", ""]["spec"]["endpoints"]
    assert end["path"] == "/metrics"
    assert end["authorization"] == {
        "type": "Bearer",
        "credentials": {"name": "watch", "key": "key"},
    }
    service = made["Service", ""]
    assert end["port"] in {port["name"] for port in service["spec"]["ports"]}
    wanted = made["ServiceMonitor", ""]["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= service["metadata"]["labels"].items()
    pod = made["Deployment", "api"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= pod.items()


def test_every_alert_says_in_both_languages_what_it_means(render: Render) -> None:
    changed = {"enabled": True, "lagSeconds": 77, "slowSeconds": 2.5, "errorPercent": 3}
    rule = render({"metrics": {"rules": changed}})["PrometheusRule", ""]
    alerts = [one for group in rule["spec"]["groups"] for one in group["rules"]]
    assert len({one["alert"] for one in alerts}) == len(alerts) > 10
    for one in alerts:
        assert one["labels"]["severity"] in {"critical", "warning"}
        for words in (one["annotations"]["summary"], one["annotations"]["description"]):
            assert re.search("[一-鿿]", words), words
            assert re.search("[A-Za-z]{3}", words), words
    lag, slow, errors = (
        next(one["expr"] for one in alerts if one["alert"] == name)
        for name in ("ReliefLag", "ReliefSlow", "ReliefErrors")
    )
    assert lag.endswith("> 77")
    assert slow.endswith("> 2.5")
    assert errors.endswith("> 3")


def test_every_dashboard_of_the_folder_is_shipped_whole(render: Render) -> None:
    made = render({"metrics": {"dashboards": {"enabled": True, "labels": {"grafana": "yes"}}}})
    shipped = {key[1]: one for key, one in made.items() if key[0] == "ConfigMap"}
    files = sorted((CHART / "dashboards").glob("*.json"))
    assert sorted(shipped) == [file.stem for file in files]
    for file in files:
        one = shipped[file.stem]
        assert one["metadata"]["labels"]["grafana"] == "yes"
        assert json.loads(one["data"][file.name]) == json.loads(file.read_text())


def test_pods_are_spread_and_may_be_sent_to_their_nodes(render: Render) -> None:
    spread = pod_of(render()["Deployment", "worker"])["topologySpreadConstraints"]
    assert [one["topologyKey"] for one in spread] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    matched = spread[0]["labelSelector"]["matchLabels"]
    assert matched["app.kubernetes.io/component"] == "worker"
    off = render({"topologySpread": {"enabled": False}})["Deployment", "worker"]
    assert "topologySpreadConstraints" not in pod_of(off)
    pod = pod_of(render(EVERYTHING)["Deployment", "api"])
    assert (pod["nodeSelector"], pod["priorityClassName"]) == ({"disk": "ssd"}, "high")
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    (container,) = pod["containers"]
    assert container["image"] == f"relief@sha256:{'a' * 64}"


def test_where_papers_are_kept_can_be_a_volume_or_a_store(render: Render) -> None:
    (store,) = [
        one for one in pod_of(render()["Deployment", "api"])["volumes"] if one["name"] == "store"
    ]
    assert store["persistentVolumeClaim"] == {"claimName": "relief"}
    kept = render()["PersistentVolumeClaim", ""]["metadata"]["annotations"]
    assert kept["helm.sh/resource-policy"] == "keep"
    made = render(
        {
            "storage": {"enabled": False},
            "config": {"document_s3_url": "https://s3/b", "document_s3_access_key": "k"},
            "secrets": {"document_s3_secret_key": {"name": "s3", "key": "k"}},
            "networkPolicy": {"egress": {"documents": {"ports": [443]}}},
        }
    )
    assert ("PersistentVolumeClaim", "") not in made
    assert "relief_document_s3_secret_key" in secrets_of(made["Deployment", "api"], "secrets")


def test_a_platform_that_gives_its_own_user_is_let(render: Render) -> None:
    none = {"runAsUser": None, "runAsGroup": None, "fsGroup": None}
    told = pod_of(render({"podSecurity": none})["Deployment", "api"])["securityContext"]
    assert told == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


# --- values that are wrong, or contradict each other ---------------------------------------------


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"replicas": 3}, "additional properties 'replicas'"),
        ({"api": {"replica": 3}}, "additional properties 'replica'"),
        ({"config": {"sandbx": True}}, "additional properties 'sandbx'"),
        ({"config": {"master_key": "secret"}}, "additional properties 'master_key'"),
        ({"secrets": {"database_url": "postgresql://a:b@c/d"}}, "database_url"),
        ({"secrets": {"master_key": {"name": "", "key": "k"}}}, "master_key"),
        ({"config": {"pool_size": 1000}}, "pool_size"),
        ({"config": {"suite": "rot13"}}, "suite"),
        ({"api": {"replicas": 0}}, "replicas"),
        ({"api": {"replicas": "two"}}, "replicas"),
        ({"publicUrl": "relief.gov.cn"}, "publicUrl"),
        ({"image": {"digest": "sha256:short"}}, "digest"),
        ({"migrations": {"mode": "sometimes"}}, "mode"),
        ({"terminationGraceSeconds": 5}, "terminationGraceSeconds"),
        ({"networkPolicy": {"egress": {"anywhere": {"to": [], "ports": []}}}}, "anywhere"),
        # contradictions
        ({"ingress": {"enabled": True}}, "secretName"),
        ({"publicUrl": "http://relief", "ingress": {"tls": {"secretName": "x"}}}, "secretName"),
        ({"storage": {"enabled": False}}, "document_s3_url"),
        ({"config": {"document_s3_url": "https://s3/b"}}, "document_s3_secret_key"),
        ({"storage": {"accessMode": "ReadWriteOnce"}}, "replicas"),
        (
            {
                "storage": {"accessMode": "ReadWriteOnce"},
                "api": {"replicas": 1, "autoscaling": {"enabled": True}},
                "worker": {"replicas": 1},
            },
            "autoscaling",
        ),
        ({"config": {"oidc_issuer": "https://sso"}}, "oneOf"),
        ({"metrics": {"serviceMonitor": {"enabled": True}}}, "name"),
        ({"api": {"pdb": {"minAvailable": 1, "maxUnavailable": 1}}}, "'not' failed"),
        ({"config": {"db_pgbouncer": True}}, "direct_url"),
        ({"config": {"traces_url": "http://otel:4318/v1/traces"}}, "egress/traces/ports"),
        (
            {"config": {"oidc_issuer": "https://sso", "oidc_jwks_url": "https://sso/keys"}},
            "egress/identity/ports",
        ),
        ({"config": {"document_s3_url": "https://s3/b"}}, "egress/documents/ports"),
        (
            {
                "config": {"sandbox": True},
                "ingress": {"enabled": True, "tls": {"secretName": "x"}},
            },
            "ingress/enabled",
        ),
        (
            {"api": {"autoscaling": {"enabled": True, "minReplicas": 5, "maxReplicas": 2}}},
            "minReplicas 5 is greater",
        ),
        ({"api": {"pdb": {"minAvailable": 2}}}, "no node could ever be drained"),
        ({"config": {"lease_seconds": 20}}, "must be greater than config.insurer_deadline"),
    ],
)
def test_wrong_values_are_refused_with_their_name(
    chart: helm_python.Chart, values: Object, words: str
) -> None:
    with pytest.raises(helm_python.HelmError) as refused:
        chart.render(values, name="relief", namespace="relief")
    assert words in str(refused.value)


def test_every_default_stands_in_the_schema(chart: helm_python.Chart) -> None:
    chart.validate_schema(chart.values)
    assert chart.schema is not None

    def strict(node: Object, path: str) -> None:
        if node.get("type") == "object" and "properties" in node:
            assert node["additionalProperties"] is False, path
            for name, inner in node["properties"].items():
                strict(inner, f"{path}.{name}")

    strict(copy.deepcopy(chart.schema), "values")
    for name, told in chart.schema["$defs"].items():
        strict(told, name)
    assert yaml.safe_load((CHART / "values.yaml").read_text()) == chart.values
