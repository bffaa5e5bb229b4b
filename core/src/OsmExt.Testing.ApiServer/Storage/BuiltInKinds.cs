using System.Collections.Immutable;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>The kinds of Kubernetes that are served, as a table.</summary>
internal static class BuiltInKinds
{
    // Group/version, then per line: plural, kind, n(amespaced) or c(luster), with g where generations are counted, short names, categories, subresources.
    private const string Table = """
        v1
          bindings Binding n! - - -
          configmaps ConfigMap n cm - -
          endpoints Endpoints n ep - -
          events Event n ev - -
          limitranges LimitRange n limits - -
          namespaces Namespace c ns - status,finalize
          nodes Node c no - status
          persistentvolumeclaims PersistentVolumeClaim n pvc - status
          persistentvolumes PersistentVolume c pv - status
          pods Pod ng po all status,binding,eviction,ephemeralcontainers
          podtemplates PodTemplate n - - -
          replicationcontrollers ReplicationController ng rc all status,scale
          resourcequotas ResourceQuota n quota - status
          secrets Secret n - - -
          serviceaccounts ServiceAccount n sa - token
          services Service n svc all status
        apps/v1
          controllerrevisions ControllerRevision n - - -
          daemonsets DaemonSet ng ds all status
          deployments Deployment ng deploy all status,scale
          replicasets ReplicaSet ng rs all status,scale
          statefulsets StatefulSet ng sts all status,scale
        batch/v1
          cronjobs CronJob ng cj all status
          jobs Job ng - all status
        admissionregistration.k8s.io/v1
          mutatingwebhookconfigurations MutatingWebhookConfiguration cg - api-extensions -
          validatingwebhookconfigurations ValidatingWebhookConfiguration cg - api-extensions -
        apiextensions.k8s.io/v1
          customresourcedefinitions CustomResourceDefinition cg crd,crds api-extensions status
        authentication.k8s.io/v1
          selfsubjectreviews SelfSubjectReview c! - - -
          tokenreviews TokenReview c! - - -
        authorization.k8s.io/v1
          localsubjectaccessreviews LocalSubjectAccessReview n! - - -
          selfsubjectaccessreviews SelfSubjectAccessReview c! - - -
          selfsubjectrulesreviews SelfSubjectRulesReview c! - - -
          subjectaccessreviews SubjectAccessReview c! - - -
        autoscaling/v2
          horizontalpodautoscalers HorizontalPodAutoscaler n hpa all status
        certificates.k8s.io/v1
          certificatesigningrequests CertificateSigningRequest c csr - status,approval
        coordination.k8s.io/v1
          leases Lease n - - -
        discovery.k8s.io/v1
          endpointslices EndpointSlice ng - - -
        events.k8s.io/v1
          events Event n ev - -
        networking.k8s.io/v1
          ingressclasses IngressClass cg - - -
          ingresses Ingress ng ing - status
          networkpolicies NetworkPolicy ng netpol - -
        node.k8s.io/v1
          runtimeclasses RuntimeClass c - - -
        policy/v1
          poddisruptionbudgets PodDisruptionBudget ng pdb - status
        rbac.authorization.k8s.io/v1
          clusterrolebindings ClusterRoleBinding c - - -
          clusterroles ClusterRole c - - -
          rolebindings RoleBinding n - - -
          roles Role n - - -
        scheduling.k8s.io/v1
          priorityclasses PriorityClass cg pc - -
        storage.k8s.io/v1
          csidrivers CSIDriver cg - - -
          csinodes CSINode c - - -
          storageclasses StorageClass c sc - -
          volumeattachments VolumeAttachment cg - - status
        """;

    public static ImmutableArray<ResourceKind> All { get; } = [.. Read()];

    private static IEnumerable<ResourceKind> Read()
    {
        var (group, version) = ("", "");
        foreach (var line in Table.Split('\n'))
        {
            if (!line.StartsWith(' '))
            {
                (group, version) = line.Split('/') is [var named, var of] ? (named, of) : ("", line);
                continue;
            }

            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var kind = columns[1];
            yield return new ResourceKind(group, version, columns[0], kind.ToLowerInvariant(), kind, columns[2][0] == 'n')
            {
                CountsGenerations = columns[2].EndsWith('g'),
                CreateOnly = columns[2].EndsWith('!'),
                ShortNames = Words(columns[3]),
                Categories = Words(columns[4]),
                Subresources = [.. Words(columns[5]).Select(name => Of(name, group, version, kind))],
                StorageGroup = group == "events.k8s.io" ? "" : group,
            };
        }
    }

    private static Subresource Of(string name, string group, string version, string kind) => name switch
    {
        "scale" => new(name, "autoscaling", "v1", "Scale", ["get", "patch", "update"]),
        "eviction" => new(name, "policy", "v1", "Eviction", ["create"]),
        "token" => new(name, "authentication.k8s.io", "v1", "TokenRequest", ["create"]),
        "binding" => new(name, "", "v1", "Binding", ["create"]),
        "finalize" => new(name, group, version, kind, ["update"]),
        _ => new(name, group, version, kind, ["get", "patch", "update"]),
    };

    private static ImmutableArray<string> Words(string column) => column == "-" ? [] : [.. column.Split(',')];
}
