using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>What Kubernetes writes into its own kinds where users write nothing: what clients rely on to be there.</summary>
internal static class BuiltInDefaults
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    /// <summary>An object with its defaults; itself when its kind has none.</summary>
    public static JsonObject Applied(ResourceKind kind, JsonObject value)
    {
        if (Of(kind.GroupResource.ToString()) is not { } apply || kind.Custom is not null)
        {
            return value;
        }

        var copy = value.Copy();
        apply(copy);
        return copy;
    }

    private static Action<JsonObject>? Of(string kind) => kind switch
    {
        "pods" => pod => Pod(pod.Child("spec")),
        "services" => Service,
        "secrets" => secret => secret.Default("type", "Opaque"),
        "deployments.apps" => Deployment,
        "replicasets.apps" or "replicationcontrollers" => Template,
        "statefulsets.apps" => StatefulSet,
        "daemonsets.apps" => DaemonSet,
        "jobs.batch" => job => Job(job.Child("spec")),
        "cronjobs.batch" => CronJob,
        "mutatingwebhookconfigurations.admissionregistration.k8s.io" => configuration => Webhooks(configuration, mutating: true),
        "validatingwebhookconfigurations.admissionregistration.k8s.io" => configuration => Webhooks(configuration, mutating: false),
        "customresourcedefinitions.apiextensions.k8s.io" => Definition,
        "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io" => Binding,
        "endpointslices.discovery.k8s.io" => slice => slice.Objects("ports").ToList().ForEach(port => port.Default("protocol", "TCP").Default("name", "")),
        "ingresses.networking.k8s.io" => ingress => ingress.Child("spec"),
        "horizontalpodautoscalers.autoscaling" => autoscaler => autoscaler.Child("spec").Default("minReplicas", 1),
        _ => null,
    };

    private static void Pod(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always").Default("dnsPolicy", "ClusterFirst").Default("schedulerName", "default-scheduler")
            .Default("terminationGracePeriodSeconds", 30);
        spec.Child("securityContext");
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            container.Default("terminationMessagePath", "/dev/termination-log").Default("terminationMessagePolicy", "File");
            container.Default("imagePullPolicy", PullPolicy(container.Text("image") ?? ""));
            container.Child("resources");
            container.Objects("ports").ToList().ForEach(port => port.Default("protocol", "TCP"));
            foreach (var probe in Probes.Select(container.Object).OfType<JsonObject>())
            {
                probe.Default("timeoutSeconds", 1).Default("periodSeconds", 10).Default("successThreshold", 1).Default("failureThreshold", 3);
                probe.Object("httpGet")?.Default("scheme", "HTTP").Default("path", "/");
            }
        }

        foreach (var volume in spec.Objects("volumes"))
        {
            volume.Object("configMap")?.Default("defaultMode", 420);
            volume.Object("secret")?.Default("defaultMode", 420);
            volume.Object("downwardAPI")?.Default("defaultMode", 420);
            volume.Object("projected")?.Default("defaultMode", 420);
        }
    }

    private static void Template(JsonObject workload)
    {
        var spec = workload.Child("spec");
        spec.Default("replicas", 1);
        Pod(spec.Child("template").Child("spec"));
    }

    private static void Deployment(JsonObject deployment)
    {
        Template(deployment);
        var spec = deployment.Child("spec");
        spec.Default("revisionHistoryLimit", 10).Default("progressDeadlineSeconds", 600);
        var strategy = spec.Child("strategy").Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Child("rollingUpdate").Default("maxUnavailable", "25%").Default("maxSurge", "25%");
        }
    }

    private static void StatefulSet(JsonObject set)
    {
        Template(set);
        var spec = set.Child("spec");
        spec.Default("podManagementPolicy", "OrderedReady").Default("revisionHistoryLimit", 10);
        if (spec.Child("updateStrategy").Default("type", "RollingUpdate").Text("type") == "RollingUpdate")
        {
            spec.Child("updateStrategy").Child("rollingUpdate").Default("partition", 0);
        }
    }

    private static void DaemonSet(JsonObject set)
    {
        var spec = set.Child("spec").Default("revisionHistoryLimit", 10);
        Pod(spec.Child("template").Child("spec"));
        if (spec.Child("updateStrategy").Default("type", "RollingUpdate").Text("type") == "RollingUpdate")
        {
            spec.Child("updateStrategy").Child("rollingUpdate").Default("maxUnavailable", 1).Default("maxSurge", 0);
        }
    }

    private static void Job(JsonObject spec)
    {
        spec.Default("parallelism", 1).Default("completions", 1).Default("backoffLimit", 6).Default("completionMode", "NonIndexed").Default("suspend", false);
        Pod(spec.Child("template").Child("spec"));
    }

    private static void CronJob(JsonObject job)
    {
        var spec = job.Child("spec").Default("concurrencyPolicy", "Allow").Default("suspend", false).Default("successfulJobsHistoryLimit", 3).Default("failedJobsHistoryLimit", 1);
        Pod(spec.Child("jobTemplate").Child("spec").Child("template").Child("spec"));
    }

    private static void Service(JsonObject service)
    {
        var spec = service.Child("spec").Default("type", "ClusterIP").Default("sessionAffinity", "None");
        if (spec.Text("type") != "ExternalName")
        {
            spec.Default("internalTrafficPolicy", "Cluster").Default("ipFamilyPolicy", "SingleStack");
        }

        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }

        foreach (var port in spec.Objects("ports"))
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }
    }

    private static void Webhooks(JsonObject configuration, bool mutating)
    {
        foreach (var webhook in configuration.Objects("webhooks"))
        {
            webhook.Default("failurePolicy", "Fail").Default("matchPolicy", "Equivalent").Default("timeoutSeconds", 10);
            webhook.Child("namespaceSelector");
            webhook.Child("objectSelector");
            webhook.Object("clientConfig")?.Object("service")?.Default("port", 443);
            webhook.Objects("rules").ToList().ForEach(rule => rule.Default("scope", "*"));
            if (mutating)
            {
                webhook.Default("reinvocationPolicy", "Never");
            }
        }
    }

    private static void Definition(JsonObject definition)
    {
        var spec = definition.Child("spec");
        spec.Child("conversion").Default("strategy", "None");
        var names = spec.Child("names");
        var kind = names.Text("kind") ?? "";
        names.Default("singular", kind.ToLowerInvariant()).Default("listKind", kind + "List");
    }

    private static void Binding(JsonObject binding)
    {
        binding.Object("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in binding.Objects("subjects"))
        {
            subject.Default("apiGroup", subject.Text("kind") == "ServiceAccount" ? "" : "rbac.authorization.k8s.io");
            if (subject.Text("apiGroup") == "")
            {
                subject.Remove("apiGroup");
            }
        }
    }

    private static string PullPolicy(string image)
    {
        var tag = image[(image.LastIndexOf('/') + 1)..];
        return !tag.Contains(':', StringComparison.Ordinal) || tag.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent";
    }
}
