using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Benchmarks;

/// <summary>
/// What a mesh of N services with two pods each costs: compiling its policy, and everything for one proxy, in permissive mode
/// (where a proxy may reach all of it) and with one TrafficTarget for each service (where it may reach one).
/// </summary>
internal static class TranslationBenchmark
{
    private static readonly CompilerOptions Options = new();

    public static int Run(IReadOnlyList<int> sizes)
    {
        Console.WriteLine("services  mode        compile policy            one proxy, everything     bytes to it  endpoints changed");
        foreach (var size in sizes)
        {
            Report(size, permissive: true);
            Report(size, permissive: false);
        }

        return 0;
    }

    private static void Report(int size, bool permissive)
    {
        var generated = new GeneratedMesh(size, Permissive: permissive);
        var snapshot = ResourceSnapshot.Of(generated.Objects());
        var endpoints = EndpointTable.Of(snapshot, Options);
        var compile = Measure.Of(() => PolicyCompiler.Compile(snapshot, endpoints, Options));
        var index = new MeshIndex(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh);
        var proxy = MeshProxies.Of(snapshot, endpoints, Options).All.First();
        var scope = proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy));
        var everything = Measure.Of(() => Everything(index, endpoints, scope));
        var bytes = Everything(index, endpoints, scope).Sum(resource => (long)resource.Value.Length);

        var changed = snapshot.Apply(new([Change(generated)], [], true, 0), out var differences);
        var namespaces = MonitoredNamespaces.Of(changed, Options);
        var view = ScopeView.Of(index, scope);
        var service = view.Clusters.First(candidate => candidate.Name.Name == GeneratedMesh.NameOf(1));
        var endpoint = Measure.Of(() => XdsTranslator.Endpoints(view, endpoints.Update(changed, namespaces, differences, out _), [service]));
        Console.WriteLine($"{size,8}  {(permissive ? "permissive" : "smi"),-10} {compile}   {everything}   {bytes,10:n0}  {endpoint}");
    }

    private static ResourceChange Change(GeneratedMesh mesh) => new(mesh.Endpoints(1, 1).Key, mesh.Endpoints(1, 1));

    private static XdsResource[] Everything(MeshIndex index, EndpointTable endpoints, Sdk.Ir.ProxyScope scope)
    {
        var view = ScopeView.Of(index, scope);
        return
        [
            .. XdsTranslator.Policy(view).Resources,
            .. XdsTranslator.Endpoints(view, endpoints),
            .. XdsTranslator.SecretsOf(view, TrustBundle.Placeholder(Options.TrustDomain), WorkloadCertificate.Placeholder(scope.Identity)),
        ];
    }
}
