using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Compiler.Tests;

/// <summary>
/// The policies of a <see cref="RandomMesh"/> over a network that works: every service has endpoints, so that policy alone decides who is
/// reached. Which account a pod runs as is drawn, and one service in six has pods of several.
/// </summary>
internal static class AccessMesh
{
    private const int Draws = 120;
    private static readonly string[] Namespaces = ["a", "b"];
    private static readonly string[] Names = ["web", "api", "db"];

    public static List<Resource> Draw(int seed)
    {
        var random = new Random(seed);
        var objects = new RandomMesh(seed).Objects(Draws)
            .Where(found => found is not (Service or Pod or EndpointSlice))
            .Select(found => found is MeshConfig settings ? settings with { Permissive = false } : found).ToList();
        var address = 0;
        foreach (var (ns, name) in Namespaces.SelectMany(ns => Names.Select(name => (ns, name))))
        {
            address++;
            objects.Add(new Service(new(ns, name))
            {
                Selector = [new("app", name)],
                ClusterAddresses = [$"10.96.0.{address}"],
                Ports =
                [
                    new ServicePort("http-x", 8080) { TargetPort = "8080" }, new ServicePort("tcp-x", 8081) { TargetPort = "8081" },
                    new ServicePort("grpc-x", 9090) { TargetPort = "9090" },
                ],
            });
            var pods = Enumerable.Range(0, random.Next(6) == 0 ? 2 : 1).Select(index => $"10.0.{index}.{address}").ToArray();
            objects.AddRange(pods.Select((ip, index) => new Pod(new(ns, $"{name}-{index}") { Labels = [new("app", name)] })
            {
                ServiceAccount = $"sa-{1 + random.Next(3)}", Addresses = [ip], Containers = [new Container("app")],
            }));
            objects.Add(new EndpointSlice(new(ns, name))
            {
                ServiceName = name,
                Subsets =
                [
                    new EndpointSubset(
                        [new EndpointPort("http-x", 8080), new EndpointPort("tcp-x", 8081), new EndpointPort("grpc-x", 9090)],
                        [.. pods.Select(ip => new Endpoint(ip) { Ready = true })]),
                ],
            });
        }

        return objects;
    }
}
