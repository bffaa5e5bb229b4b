using OsmExt.Testing.ApiServer.Authorization;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Tests.Authorization;

public class RoleBasedAccessTests
{
    private static readonly Caller Account = Caller.ServiceAccount("shop", "cart", "");

    private static readonly StoreState State = new[]
    {
        ("clusterroles", "{metadata: {name: reader}, rules: [{apiGroups: [''], resources: [pods, 'pods/log'], verbs: [get, list]}, {nonResourceURLs: ['/metrics', '/debug/*'], verbs: [get]}]}"),
        ("clusterroles", "{metadata: {name: all-scale}, rules: [{apiGroups: [apps], resources: ['*/scale'], verbs: ['*']}]}"),
        ("clusterroles", "{metadata: {name: sum}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: 'yes'}}]}}"),
        ("clusterroles", "{metadata: {name: part, labels: {part: 'yes'}}, rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]}"),
        ("roles", "{metadata: {name: one-secret, namespace: shop}, rules: [{apiGroups: [''], resources: [secrets], resourceNames: [token], verbs: [get, update]}]}"),
        ("rolebindings", "{metadata: {name: reads, namespace: shop}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: ServiceAccount, name: cart}]}"),
        ("rolebindings", "{metadata: {name: secret, namespace: shop}, roleRef: {kind: Role, name: one-secret}, subjects: [{kind: User, name: ann}]}"),
        ("rolebindings", "{metadata: {name: gone, namespace: shop}, roleRef: {kind: Role, name: absent}, subjects: [{kind: User, name: bob}]}"),
        ("clusterrolebindings", "{metadata: {name: scales}, roleRef: {kind: ClusterRole, name: all-scale}, subjects: [{kind: Group, name: 'system:serviceaccounts:shop'}]}"),
        ("clusterrolebindings", "{metadata: {name: metrics}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: User, name: ann}]}"),
        ("clusterrolebindings", "{metadata: {name: sums}, roleRef: {kind: ClusterRole, name: sum}, subjects: [{kind: Group, name: 'system:authenticated'}]}"),
    }.Aggregate(StoreState.Empty, (state, entry) =>
    {
        var value = Json.Object(entry.Item2);
        return state.With(new(new("rbac.authorization.k8s.io", entry.Item1), new(value.Namespace(), value.Name()), 1, value));
    });

    [Theory]
    [InlineData("get pods shop/x", true)]
    [InlineData("list pods shop", true)]
    [InlineData("get pods/log shop/x", true)]
    [InlineData("get pods/status shop/x", false)]
    [InlineData("delete pods shop/x", false)]
    [InlineData("get pods other/x", false)]
    [InlineData("list pods", false)]
    [InlineData("update apps:deployments/scale other/x", true)]
    [InlineData("update apps:deployments shop/x", false)]
    [InlineData("get nodes", true)]
    [InlineData("get /metrics", false)]
    public void A_service_account_may_what_its_bindings_say(string access, bool allowed) => Assert.Equal(allowed, RoleBasedAccess.Decide(Access(Account, access), State).Allowed);

    [Theory]
    [InlineData("get secrets shop/token", true)]
    [InlineData("get secrets shop/other", false)]
    [InlineData("list secrets shop", false)]
    [InlineData("get /metrics", true)]
    [InlineData("get /debug/pprof/heap", true)]
    [InlineData("get /debug", false)]
    [InlineData("post /metrics", false)]
    public void A_user_may_what_their_bindings_say(string access, bool allowed) => Assert.Equal(allowed, RoleBasedAccess.Decide(Access(new("ann", [Caller.Authenticated]), access), State).Allowed);

    [Fact]
    public void Reasons_name_the_binding()
        => Assert.Equal("RBAC: allowed by RoleBinding \"reads/shop\" of ClusterRole \"reader\" to ServiceAccount \"cart/shop\"", RoleBasedAccess.Decide(Access(Account, "get pods shop/x"), State).Reason);

    [Fact]
    public void A_role_that_is_not_there_is_named()
        => Assert.Equal("RBAC: role.rbac.authorization.k8s.io \"absent\" not found", RoleBasedAccess.Decide(Access(new("bob", []), "get pods shop/x"), State).Reason);

    [Theory]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get]}", true)]
    [InlineData("{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [get, list]}", true)]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get, delete]}", false)]
    [InlineData("{apiGroups: ['', apps], resources: [pods], verbs: [get]}", false)]
    [InlineData("{apiGroups: [''], resources: ['*'], verbs: [get]}", false)]
    [InlineData("{apiGroups: [apps], resources: [deployments/scale], verbs: [patch]}", true)]
    public void Rules_cover_others(string rule, bool covered) => Assert.Equal(covered, PolicyRule.Cover(RoleBasedAccess.RulesOf(Account, "shop", State), PolicyRule.Of(Json.Object(rule))));

    [Fact]
    public void A_new_cluster_lets_people_look_but_at_no_secrets()
    {
        var state = BootstrapRoles.All.Aggregate(StoreState.Empty, (all, value) => all.With(new(new("rbac.authorization.k8s.io", value.Text("kind")!.ToLowerInvariant() + "s"), new("", value.Name()), 1, value)));
        var binding = Json.Object("{metadata: {name: v}, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: User, name: ann}]}");
        state = state.With(new(new("rbac.authorization.k8s.io", "clusterrolebindings"), new("", "v"), 1, binding));
        var ann = new Caller("ann", [Caller.Authenticated]);
        Assert.True(RoleBasedAccess.Decide(Access(ann, "list pods shop"), state).Allowed);
        Assert.False(RoleBasedAccess.Decide(Access(ann, "list secrets shop"), state).Allowed);
        Assert.True(RoleBasedAccess.Decide(Access(ann, "get /openapi/v3"), state).Allowed);
        Assert.True(RoleBasedAccess.Decide(Access(Caller.Anonymous, "get /version"), state).Allowed);
        Assert.False(RoleBasedAccess.Decide(Access(Caller.Anonymous, "get /api"), state).Allowed);
    }

    private static AccessAttributes Access(Caller caller, string text)
    {
        var words = text.Split(' ');
        if (words[1][0] == '/')
        {
            return new(caller, words[0]) { Path = words[1] };
        }

        var (group, resource) = words[1].Split(':') is [var named, var of] ? (named, of) : ("", words[1]);
        var where = words.ElementAtOrDefault(2)?.Split('/') ?? [];
        return new(caller, words[0])
        {
            Group = group, Resource = resource.Split('/')[0], Subresource = resource.Split('/').ElementAtOrDefault(1) ?? "", Namespace = where.ElementAtOrDefault(0) ?? "", Name = where.ElementAtOrDefault(1) ?? "",
        };
    }
}
