using Envoy.Config.Route.V3;
using OsmExt.Simulation.Http;

namespace OsmExt.Simulation.Tests.Http;

public class RouteChoiceTests
{
    private static readonly HttpRequest Get = new("GET", "h", "/");

    [Fact]
    public void Fractions_compare_one_number_so_a_later_smaller_one_gets_nothing()
    {
        var host = Host("""
            - {name: half, match: {prefix: /, runtime_fraction: {default_value: {numerator: 50}}}, route: {cluster: a}}
            - {name: third, match: {prefix: /, runtime_fraction: {default_value: {numerator: 30}}}, route: {cluster: b}}
            - {name: most, match: {prefix: /, runtime_fraction: {default_value: {numerator: 70}}}, route: {cluster: c}}
            """);
        Assert.Equal([("half", 50), ("most", 20), ("", 30)], RouteChoice.Choose(host, Get, tls: false).Select(routed => (routed.Route?.Name
            ?? "", (int)Math.Round(routed.Share * 100))));
    }

    [Fact]
    public void A_fraction_and_weights_share_the_number_and_are_no_guess()
        => Assert.Throws<UndecidedException>(() => RouteChoice.Choose(Host("""
            - {match: {prefix: /, runtime_fraction: {default_value: {numerator: 50}}}, route: {weighted_clusters: {clusters: [{name: a, weight: 1},
                {name: b, weight: 1}]}}}
            """), Get, tls: false));

    [Fact]
    public void Weights_become_shares_and_zero_gets_none()
    {
        var route = Host("- {match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: a, weight: 1}, {name: b, weight: 0}, {name: c, weight: 3}]}}}").Routes[0];
        Assert.Equal([("a", 0.25), ("c", 0.75)], ClusterChoice.Choose(route.Route_, Get, "r").Select(share => (share.Cluster, share.Share)));
    }

    [Theory]
    [InlineData("{prefix: /, dynamic_metadata: [{filter: f, path: [{key: k}], value: {present_match: true}}]}")]
    [InlineData("{path_match_policy: {name: p}}")]
    public void Conditions_that_are_not_known_are_no_guess(string match)
        => Assert.Throws<UndecidedException>(() => RouteChoice.Choose(Host($"- {{match: {match}, route: {{cluster: a}}}}"), Get, tls: false));

    [Fact]
    public void A_proxy_written_header_is_no_guess()
        => Assert.Throws<UndecidedException>(() => RouteChoice.Choose(Host("- {match: {prefix: /, headers: [{name: x-forwarded-for}]}, route: {cluster: a}}"), Get, tls: false));

    private static VirtualHost Host(string routes) => Yaml.Read<VirtualHost>($"name: h\ndomains: ['*']\nroutes:\n{routes}");
}
