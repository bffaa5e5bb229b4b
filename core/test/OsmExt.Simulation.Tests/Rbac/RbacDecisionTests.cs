using System.Net;
using Envoy.Config.Rbac.V3;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Rbac;

namespace OsmExt.Simulation.Tests.Rbac;

public class RbacDecisionTests
{
    private const string Me = "spiffe://d/me/ns";

    [Theory]
    [InlineData("{}", false)] // no policies allow nobody
    [InlineData("{action: DENY}", true)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{any: true}]}}}", true)]
    [InlineData("{action: DENY, policies: {p: {permissions: [{any: true}], principals: [{any: true}]}}}", false)]
    [InlineData("{action: LOG}", true)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {exact: 'spiffe://d/me/ns'}}}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {exact: 'spiffe://d/me/n'}}}]}}}", false)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {prefix: 'me.ns'}}}]}}}",
        true)] // a DNS name will do
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{authenticated: {}}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{not_id: {authenticated: {}}}]}}}", false)]
    [InlineData("{policies: {p: {permissions: [{destination_port: 80}], principals: [{any: true}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{destination_port: 8080}], principals: [{any: true}]}}}", false)]
    [InlineData("{policies: {p: {permissions: [{destination_port_range: {start: 80, end: 81}}], principals: [{any: true}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{destination_port_range: {start: 79, end: 80}}], principals: [{any: true}]}}}", false)]
    [InlineData("{policies: {p: {permissions: [{destination_ip: {address_prefix: 10.0.0.0, prefix_len: 24}}], principals: [{any: true}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: 10.1.0.0, prefix_len: 16}}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{url_path: {path: {exact: /a}}}], principals: [{any: true}]}}}", true)] // the query does not count
    [InlineData("{policies: {p: {permissions: [{not_rule: {header: {name: ':method', string_match: {exact: GET}}}}], principals: [{any: true}]}}}",
        false)]
    [InlineData("{policies: {p: {permissions: [{requested_server_name: {exact: sni}}], principals: [{any: true}]}}}", true)]
    [InlineData("{policies: {p: {permissions: [{and_rules: {rules: [{any: true}, {destination_port: 1}]}}], principals: [{any: true}]}}}", false)]
    [InlineData("{policies: {p: {permissions: [{or_rules: {rules: [{destination_port: 1}, {any: true}]}}], principals: [{any: true}]}}}", true)]
    public void Rules_decide(string rules, bool allowed) => Assert.Equal(allowed, Decide(rules, Context()).Allowed);

    [Fact]
    public void The_first_policy_by_name_is_the_one_that_is_named()
        => Assert.Equal("a", Decide("{policies: {b: {permissions: [{any: true}], principals: [{any: true}]}, a: {permissions: [{any: true}], principals: [{any: true}]}}}", Context()).Policy);

    [Fact]
    public void A_claim_on_a_plain_connection_is_no_identity()
        => Assert.False(Decide("{policies: {p: {permissions: [{any: true}], principals: [{authenticated: {}}]}}}",
            Context() with { IsTls = false }).Allowed);

    [Theory]
    [InlineData("{policies: {p: {permissions: [{metadata: {filter: x, path: [{key: k}], value: {present_match: true}}}], principals: [{any: true}]}}}")]
    [InlineData("{policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {}}}}")]
    public void What_is_not_known_is_no_guess(string rules) => Assert.Throws<UndecidedException>(() => Decide(rules, Context()));

    private static RbacDecision Decide(string rules, AccessContext context) => RbacDecision.Of(Yaml.Read<RBAC>(rules), context, "rbac");

    private static AccessContext Context()
    {
        var connection = new Connection(IPEndPoint.Parse("10.1.0.1:5"), IPEndPoint.Parse("10.0.0.7:80"), Payload.Http1, null);
        return new(new(connection, connection.Destination) { ServerName = "sni" }, new([Me], ["me.ns.d"]), true, new("GET", "h", "/a?b"),
            EnvoyRelease.Newest);
    }
}
