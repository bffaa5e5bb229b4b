using k8s.Models;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Every kind the mesh reads.</summary>
internal static class ResourceKinds
{
    private static readonly FieldSet MetadataOnly = FieldSet.Of();

    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        new ResourceKind<V1Namespace>((_, metadata, _) => new Namespace(metadata))
        {
            Group = "", Versions = ["v1"], Kind = "Namespace", IsNamespaced = false, NameIsLabel = true, Reads = MetadataOnly,
        },
        new ResourceKind<V1ServiceAccount>((_, metadata, _) => new ServiceAccount(metadata))
        {
            Group = "", Versions = ["v1"], Kind = "ServiceAccount", Reads = MetadataOnly,
        },
        new ResourceKind<V1Pod>(PodView.From) { Group = "", Versions = ["v1"], Kind = "Pod", Reads = PodView.Reads },
        new ResourceKind<V1Service>(ServiceView.From)
        {
            Group = "", Versions = ["v1"], Kind = "Service", NameIsLabel = true, Reads = ServiceView.Reads,
        },
        new ResourceKind<V1Endpoints>(EndpointsView.From) { Group = "", Versions = ["v1"], Kind = "Endpoints", Reads = EndpointsView.Reads },
        new ResourceKind<V1EndpointSlice>(EndpointSliceView.From)
        {
            Group = "discovery.k8s.io", Versions = ["v1"], Kind = "EndpointSlice", Reads = EndpointSliceView.Reads,
        },
        Owner<V1Deployment>("apps", "Deployment"),
        Owner<V1ReplicaSet>("apps", "ReplicaSet"),
        Owner<V1StatefulSet>("apps", "StatefulSet"),
        Owner<V1DaemonSet>("apps", "DaemonSet"),
        Owner<V1Job>("batch", "Job"),
        new ResourceKind<TrafficTargetModel>(TrafficTargetView.From)
        {
            Group = "access.smi-spec.io", Versions = ["v1alpha3", "v1alpha2"], Kind = "TrafficTarget", Reads = TrafficTargetView.Reads,
        },
        new ResourceKind<HttpRouteGroupModel>(HttpRouteGroupView.From)
        {
            Group = "specs.smi-spec.io", Versions = ["v1alpha4"], Kind = "HTTPRouteGroup", Reads = HttpRouteGroupView.Reads,
        },
        new ResourceKind<TcpRouteModel>(TcpRouteView.From)
        {
            Group = "specs.smi-spec.io", Versions = ["v1alpha4"], Kind = "TCPRoute", Reads = TcpRouteView.Reads,
        },
        new ResourceKind<TrafficSplitModel>(TrafficSplitView.From)
        {
            Group = "split.smi-spec.io", Versions = ["v1alpha4", "v1alpha2"], Kind = "TrafficSplit", Reads = TrafficSplitView.Reads,
        },
        new ResourceKind<RetryModel>(RetryView.From)
        {
            Group = "policy.openservicemesh.io", Versions = ["v1alpha1"], Kind = "Retry", Reads = RetryView.Reads,
        },
        new ResourceKind<UpstreamTrafficSettingModel>(UpstreamTrafficSettingView.From)
        {
            Group = "policy.openservicemesh.io", Versions = ["v1alpha1"], Kind = "UpstreamTrafficSetting", Reads = UpstreamTrafficSettingView.Reads,
        },
        new ResourceKind<MeshConfigModel>(MeshConfigView.From)
        {
            Group = "config.openservicemesh.io", Versions = ["v1alpha2", "v1alpha1"], Kind = "MeshConfig", Reads = MeshConfigView.Reads,
        },
        new ResourceKind<MeshRootCertificateModel>(MeshRootCertificateView.From)
        {
            Group = "config.openservicemesh.io", Versions = ["v1alpha2"], Kind = "MeshRootCertificate", Reads = MeshRootCertificateView.Reads,
        },
        new ResourceKind<ReferenceGrantModel>(ReferenceGrantView.From)
        {
            Group = "gateway.networking.k8s.io", Versions = ["v1", "v1beta1"], Kind = "ReferenceGrant", Reads = ReferenceGrantView.Reads,
        },
    ];

    private static ResourceKind<TModel> Owner<TModel>(string group, string kind)
        where TModel : class, IMetadata<V1ObjectMeta>
        => new((_, metadata, _) => new WorkloadOwner(metadata, kind)) { Group = group, Versions = ["v1"], Kind = kind, Reads = MetadataOnly };
}
