using System.Net;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>Finds the pods of a Service by its EndpointSlices.</summary>
internal static class ServiceEndpoints
{
    /// <summary>The first that is ready; null for none.</summary>
    public static EndPoint? Of(string @namespace, string name, int port, StoreState state)
    {
        var service = state.Find(new("", "services"), new(@namespace, name))?.Object;
        if (service?.Object("spec")?.Objects("ports").FirstOrDefault(one => one.Number("port") == port) is not { } wanted)
        {
            return null;
        }

        foreach (var slice in state.Of(new("discovery.k8s.io", "endpointslices")).Values.Select(stored => stored.Object)
            .Where(slice => slice.Namespace() == @namespace && slice.Metadata().Object("labels")?.Text("kubernetes.io/service-name") == name))
        {
            var target = slice.Objects("ports").FirstOrDefault(one => (one.Text("name") ?? "") == (wanted.Text("name") ?? ""))?.Number("port");
            var address = slice.Objects("endpoints").Where(endpoint => endpoint.Object("conditions")?["ready"]?.GetValue<bool>() != false).SelectMany(endpoint => endpoint.Texts("addresses")).FirstOrDefault();
            if (target is not null && IPAddress.TryParse(address, out var ip))
            {
                return new IPEndPoint(ip, (int)target);
            }
        }

        return null;
    }
}
