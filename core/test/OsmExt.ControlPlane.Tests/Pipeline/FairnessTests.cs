using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.ControlPlane.Tests.Pipeline;

/// <summary>Whose change is worked on first. Each piece of work takes a slice of virtual time.</summary>
public sealed class FairnessTests : IAsyncDisposable
{
    private const int Crowd = 20;
    private readonly TestControlPlane _plane = new();
    private readonly GeneratedMesh _mesh = new(Crowd + 2);
    private readonly Dictionary<string, ProxyScope> _scopes;

    // The first namespace has twenty services, the second two.
    public FairnessTests()
    {
        _plane.Apply(_mesh.Objects().Select(Added));
        _scopes = _plane.Ask(state => state.Proxies.All.DistinctBy(proxy => proxy.Identity.Workload).ToDictionary(
            proxy => proxy.Identity.Workload.ServiceAccount, proxy => _plane.Get<ScopePublisher>().Ensure(proxy.ScopeFor(Capabilities.Baseline), state).Scope));
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public void Namespaces_take_turns_so_a_large_one_does_not_make_a_small_one_wait()
    {
        var before = Versions();
        ChangeEverything();
        var order = new List<string>();
        while (order.Count < _scopes.Count)
        {
            SpendASlice();
            var now = Versions();
            order.AddRange(_scopes.Keys.Where(name => now[name] != before[name] && !order.Contains(name)).Select(name => name));
        }

        // Twenty came first, and the second namespace's two are served among the first four all the same.
        Assert.Equal(["svc-00020", "svc-00021"], order.Take(4).Where(name => string.CompareOrdinal(name, "svc-00020") >= 0).Order());
    }

    [Fact]
    public void Endpoints_go_before_policy_that_is_still_being_translated()
    {
        var before = Versions();
        ChangeEverything();
        SpendASlice();
        Assert.True(_plane.Get<ScopePublisher>().IsBehind);

        _plane.Get<ResourceStore>().Apply(new([Added(_mesh.Endpoints(0, ready: 1))], [], true, _plane.Time.GetTimestamp()));
        SpendASlice();

        // Everybody has the endpoints, though not everybody has the policy.
        var latest = _plane.Pipeline.State!.Snapshot.Revision;
        Assert.All(_scopes.Values, scope => Assert.Equal(latest, _plane.Cache.Get(scope)!.Revision));
        Assert.Contains(_scopes.Keys, name => Versions()[name] == before[name]);
        Assert.False(_plane.Pipeline.IsCompiled);
    }

    [Fact]
    public void A_newcomer_does_not_wait_until_all_others_have_a_change()
    {
        ChangeEverything();
        var hasArrived = false;
        _ = _plane.Pipeline.AskInTurnAsync("ns-001", _ => hasArrived = true, CancellationToken.None);
        SpendASlice();
        Assert.True(hasArrived);
        Assert.True(_plane.Get<ScopePublisher>().IsBehind);
    }

    [Fact]
    public void A_crowd_of_newcomers_waits_for_one_another_and_not_others_for_them()
    {
        var served = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            Arrive("ns-000");
        }

        Arrive("ns-001");
        SpendASlice();
        SpendASlice();
        Assert.Equal(["ns-000", "ns-001"], served);

        // Nor do endpoints, nor what the control plane is asked.
        _plane.Get<ResourceStore>().Apply(new([Added(_mesh.Endpoints(0, ready: 1))], [], true, _plane.Time.GetTimestamp()));
        _plane.Pipeline.Post(_ => served.Add("question"));
        SpendASlice();
        Assert.Equal(["ns-000", "ns-001", "question", "ns-000"], served);
        Assert.Equal(_plane.Get<ResourceStore>().Snapshot.Revision, _plane.Cache.Get(_scopes["svc-00021"])!.Revision);

        void Arrive(string ns) => _ = _plane.Pipeline.AskInTurnAsync(
            ns, _ =>
            {
                _plane.Time.Advance(TimeSpan.FromMilliseconds(11));
                served.Add(ns);
                return true;
            }, CancellationToken.None);
    }

    private static ResourceChange Added(Resource resource) => new(resource.Key, resource);

    // Every turn does one piece of each kind of work, since reading the clock takes as long as a turn may.
    private void SpendASlice()
    {
        _plane.Time.AutoAdvanceAmount = TimeSpan.FromMilliseconds(11);
        _plane.Pipeline.Turn();
        _plane.Time.AutoAdvanceAmount = TimeSpan.Zero;
    }

    private void ChangeEverything()
        => _plane.Get<ResourceStore>().Apply(new(
            [Added(new MeshConfig(new("osm-system", MeshConfig.WellKnownName)) { Permissive = true, EnableEgress = true })], [], true, _plane.Time.GetTimestamp()));

    private Dictionary<string, string> Versions() => _scopes.ToDictionary(
        scope => scope.Key, scope => string.Concat(_plane.Cache.Get(scope.Value)!.InOrder(TypeUrls.Cluster).Concat(_plane.Cache.Get(scope.Value)!.InOrder(TypeUrls.Listener)).Select(resource => resource.Version)));
}
