using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Benchmarks;

/// <summary>
/// What a mesh of N services with two pods each costs: compiling its policy, and compiling and indexing it again when a TrafficSplit's weights change; everything for one scope that nothing is known of,
/// one more scope, and then a service added and an endpoint gone, from the new state of the mesh to the published snapshot. In
/// permissive mode (where a proxy may reach all of it) and with one TrafficTarget for each service (where it may reach one).
/// </summary>
internal static class TranslationBenchmark
{
    private static readonly string[] Columns = ["compile policy", "split changed", "first scope", "next scope", "service added", "endpoint gone"];
    private static readonly CompilerOptions Options = new();
    private static readonly ProxyCapabilities Newest = Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: true);
    private static readonly ProxyCapabilities Older = Capabilities.OfRelease("1.36.2", incremental: true);

    public static int Run(IReadOnlyList<int> sizes)
    {
        Console.WriteLine(
            "services  mode                   "
            + string.Concat(Columns.Select(column => $"  {column,-22}"))
            + "  bytes to a proxy, and for the service added");
        foreach (var size in sizes)
        {
            Report(size, "permissive", Newest);
            Report(size, "permissive, Envoy 1.36", Older);
            Report(size, "smi", Newest);
        }

        return 0;
    }

    private static void Report(int size, string mode, ProxyCapabilities proxies)
    {
        var generated = new GeneratedMesh(size, Permissive: mode != "smi");
        var last = generated.Service(size - 1).ToDictionary(resource => resource.Key);
        var before = State.Of(ResourceSnapshot.Of(generated.Objects().Where(resource => !last.ContainsKey(resource.Key))), null);
        var added = before.Apply([.. last.Select(entry => new ResourceChange(entry.Key, entry.Value))], out _);
        var gone = before.Apply([new(generated.Endpoints(1, 1).Key, generated.Endpoints(1, 1))], out var touched);
        var first = before.Proxies.All.First().ScopeFor(proxies);
        var next = before.Proxies.All.First(proxy => proxy.Identity.Workload != first.Identity).ScopeFor(proxies);

        var compile = Measure.Of(() => PolicyCompiler.Compile(before.Snapshot, before.Endpoints, Options));
        var divided = before.Apply([Split(1)], out _);
        var split = Measure.Of(() => divided, state => state.Apply([Split(2)], out _));
        var cold = Measure.Of(() => State.Of(before.Snapshot, null), state => Published.Of(first, state));
        var warm = Measure.Of(() => before, state => Published.Of(next, state));
        var policy = Measure.Of(() => Published.Of(first, before), scope => scope.PolicyChanged(added));
        var endpoint = Measure.Of(() => Published.Of(first, before), scope => scope.EndpointsChanged(gone, touched));

        Console.WriteLine($"{size,8}  {mode,-22} {compile}  {split}  {cold}  {warm}  {policy}  {endpoint}  {Bytes(first, before, added)}");
    }

    private static ResourceChange Split(int weight)
    {
        var split = new TrafficSplit(new(GeneratedMesh.NamespaceOf(0), "split")) { Service = "svc-00000", Backends = [new SplitBackend("svc-00000", weight), new SplitBackend("svc-00001", 9)] };
        return new(split.Key, split);
    }

    private static string Bytes(ProxyScope scope, State before, State added)
    {
        var published = Published.Of(scope, before);
        var all = published.Live.Everything.Sum(resource => (long)resource.DeltaField.Length);
        var sent = published.PolicyChanged(added).Sum(change => (long)(change.Resource?.DeltaField.Length ?? change.Name.Length + 2));
        return $"{all,10:n0} {sent,9:n0}";
    }

    private sealed record State(ResourceSnapshot Snapshot, EndpointTable Endpoints, PolicyMemo Memo, MeshIndex Index, MeshProxies Proxies)
    {
        public static State Of(ResourceSnapshot snapshot, State? before)
        {
            var endpoints = EndpointTable.Of(snapshot, Options);
            var memo = PolicyCompiler.Compile(snapshot, endpoints, Options, before?.Memo).Memo!;
            return new(snapshot, endpoints, memo, new(memo.Mesh, before?.Index), MeshProxies.Of(snapshot, endpoints, Options));
        }

        public State Apply(ResourceChange[] changes, out IReadOnlySet<ServiceKey> touched)
        {
            var snapshot = Snapshot.Apply(new([.. changes], [], true, 1), out var differences);
            var endpoints = Endpoints.Update(snapshot, MonitoredNamespaces.Of(snapshot, Options), differences, out touched);
            var memo = PolicyCompiler.Compile(snapshot, endpoints, Options, Memo).Memo!;
            return new(snapshot, endpoints, memo, new(memo.Mesh, Index), Proxies);
        }
    }

    private sealed class Published(ProxyScope scope, State state)
    {
        private readonly TrustBundle _bundle = TrustBundle.Placeholder(Options.TrustDomain);
        private readonly WorkloadCertificate _certificate = WorkloadCertificate.Placeholder(scope.Identity);
        private readonly SnapshotCache _cache = new(TimeProvider.System);

        public LiveScope Live { get; } = new(scope, ScopeView.Of(state.Index, scope));

        public static Published Of(ProxyScope scope, State state)
        {
            var published = new Published(scope, state);
            published.Live.Renew(ScopeView.Of(state.Index, scope), state.Endpoints, published._bundle, published._certificate);
            published._cache.Publish(scope, XdsSnapshot.Create(0, published.Live.Everything));
            return published;
        }

        public IReadOnlyList<XdsChange> PolicyChanged(State after)
        {
            var changes = Live.Renew(ScopeView.Of(after.Index, scope), after.Endpoints, _bundle, _certificate);
            _cache.Patch(scope, 1, changes);
            return changes;
        }

        public void EndpointsChanged(State after, IReadOnlySet<ServiceKey> touched)
            => _cache.Patch(scope, 1, [.. Live.Renew(after.Endpoints, touched).Select(XdsChange.Set)]);
    }
}
