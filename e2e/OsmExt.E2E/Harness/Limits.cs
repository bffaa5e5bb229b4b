namespace OsmExt.E2E;

/// <summary>Limits on what a service of the shop takes, for as long as a test lasts.</summary>
internal static class Limits
{
    /// <param name="mesh">The mesh.</param>
    /// <param name="service">The service.</param>
    /// <param name="server">The pod that serves it.</param>
    /// <param name="limits">What <c>rateLimit</c> says, in flow style.</param>
    /// <param name="dump">Where the limit is to be seen in the pod's proxy.</param>
    /// <param name="sign">By what it is known there.</param>
    /// <param name="routes">Entries of <c>httpRoutes</c>, in flow style.</param>
    public static async Task<IDisposable> LimitAsync(this Mesh mesh, string service, string server, string limits, string dump, string sign, string routes = "")
    {
        await Wait.UntilAsync(async () => !await IsThereAsync(), $"{server} has no limit yet");
        var file = mesh.Config.WriteForNow("limits", $$"""
            apiVersion: policy.openservicemesh.io/v1alpha1
            kind: UpstreamTrafficSetting
            metadata: {name: {{service}}, namespace: {{Shop.Namespace}}}
            spec:
              host: {{service}}.{{Shop.Namespace}}.svc.cluster.local
              rateLimit: {{limits}}
              httpRoutes: [{{routes}}]
            """);
        await Wait.UntilAsync(IsThereAsync, $"{server} has the limit");
        return file;

        async Task<bool> IsThereAsync() => (await mesh.AdminAsync(server, dump)).Contains(sign, StringComparison.Ordinal);
    }
}
