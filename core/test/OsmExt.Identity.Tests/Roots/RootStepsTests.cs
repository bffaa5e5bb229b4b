using OsmExt.Identity.Roots;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>The order in which roots are changed.</summary>
public class RootStepsTests
{
    private const string First = RotatingMesh.First;
    private const string Home = RotatingMesh.Home;
    private const string Away = "corp.example";
    private static readonly RootState Initial = RootState.Initial(Home);
    private static readonly RootIntent OnlyNew = new(["new"], [], [new("new", Home)]);

    [Fact]
    public void A_root_signs_when_the_last_proxy_believes_it_and_goes_when_nobody_may_present_its_certificates()
    {
        var state = Initial;
        state = Step(RootStep.Trust, state, OnlyNew, Believing(First), Believing(First));
        Assert.Equal(["new", First], state.Trusted);

        var waiting = RootSteps.Next(state, OnlyNew, [Believing(First, "new", proxy: "shop/a"), Believing(First, proxy: "shop/b")]);
        Assert.Equal((RootStep.Sign, "new", null), (waiting.Step, waiting.Root, waiting.Next));
        Assert.Equal(["shop/b"], waiting.WaitsFor);

        state = Step(RootStep.Sign, state, OnlyNew, Believing(First, "new"), Believing(First, "new"));
        Assert.Equal("new", state.Signing);

        var changed = Believing(First, "new") with { Presents = ["new"] };
        waiting = RootSteps.Next(state, OnlyNew, [changed, changed with { Proxy = "shop/b", Presents = ["new", First] }]);
        Assert.Equal((RootStep.Retire, First, null), (waiting.Step, waiting.Root, waiting.Next));
        Assert.Equal(["shop/b"], waiting.WaitsFor);

        state = Step(RootStep.Retire, state, OnlyNew, Believing(First, "new") with { Presents = ["new"] });
        Assert.Equal(["new"], state.Trusted);
    }

    [Fact]
    public void The_xds_port_goes_on_with_the_old_root_until_every_proxy_of_the_mesh_has_a_credential_by_the_new_one()
    {
        var state = new RootState("new", ["new"], First, ["new", First], Initial.Domains);
        var renewed = Believing("new") with { Presents = ["new"], Credentials = ["new"] };
        var old = renewed with { Proxy = "shop/old", Credentials = [First] };
        var gone = new ProxyEvidence("shop/gone", ProxyPresence.Gone);

        Assert.Equal(["shop/gone", "shop/old"], Waiting(RootStep.ServeXds, state, renewed, old, gone));
        state = Step(RootStep.ServeXds, state, OnlyNew, renewed);
        Assert.Equal(("new", 2), (state.XdsServer, state.XdsTrusted.Count));
        Assert.Equal(["shop/old"], Waiting(RootStep.RetireXds, state, renewed, old));
        Assert.Equal(new("new", ["new"], "new", ["new"], Initial.Domains), Step(RootStep.RetireXds, state, OnlyNew, renewed));
    }

    [Fact]
    public void A_trust_domain_is_accepted_then_issued_then_spread_to_all_connections_and_only_then_is_the_old_one_dropped()
    {
        var wanted = new RootIntent(["new"], [], [new("new", Away)]);
        var proxy = Believing(First, "new");
        var state = Step(RootStep.Trust, Initial, wanted, proxy);
        state = Step(RootStep.Accept, state, wanted, proxy);
        Assert.Equal(([Home, Away], Home), (state.Domains.Accepted, state.Domains.Issuing));

        Assert.Equal(["shop/a"], Waiting(RootStep.Sign, state, wanted, proxy));
        proxy = proxy with { Accepts = [Home, Away] };
        state = Step(RootStep.Sign, state, wanted, proxy);
        Assert.Equal(("new", Away, 1), (state.Signing, state.Domains.Issuing, state.Domains.Changes));

        proxy = proxy with { Presents = ["new"] };
        state = Step(RootStep.Retire, state, wanted, proxy);
        Assert.Equal(["shop/a"], Waiting(RootStep.Reconnect, state, wanted, proxy with { PresentsIn = [Home, Away] }));
        proxy = proxy with { PresentsIn = [Away] };
        state = Step(RootStep.Reconnect, state, wanted, proxy);
        Assert.Equal(1, state.Domains.ForProxies.ConnectionsAfter);

        Assert.Equal(["shop/a"], Waiting(RootStep.Drop, state, wanted, proxy with { ConnectionsAfter = [0, 1] }));
        proxy = proxy with { ConnectionsAfter = [1] };
        state = Step(RootStep.Drop, state, wanted, proxy);
        Assert.Equal([Away], state.Domains.Accepted);

        Assert.Equal(["shop/a"], Waiting(RootStep.ServeXds, state, wanted, proxy with { Credentials = ["new"] }));
        proxy = proxy with { Credentials = ["new"], CredentialsIn = [Away] };
        state = Step(RootStep.ServeXds, state, wanted, proxy);
        state = Step(RootStep.RetireXds, state, wanted, proxy);
        Assert.Equal(["shop/a"], Waiting(RootStep.DropXds, state, wanted, proxy with { CredentialsIn = null }));
        state = Step(RootStep.DropXds, state, wanted, proxy);
        Assert.Equal(new("new", ["new"], "new", ["new"], DomainState.Only(Away) with { Changes = 1, ConnectionsAfter = 1 }), state);
        Assert.Equal(RootDecision.Done, RootSteps.Next(state, wanted, [proxy]));
    }

    [Fact]
    public void Before_anything_is_issued_in_a_trust_domain_it_is_given_up_at_once()
    {
        var accepting = Initial with { Domains = Initial.Domains with { Accepted = [Home, Away], XdsAccepted = [Home, Away] } };
        var wanted = new RootIntent([First], [], [new(First, Home)]);

        var state = Step(RootStep.Drop, accepting, wanted, Believing(First));
        state = Step(RootStep.DropXds, state, wanted, Believing(First));
        Assert.Equal(Initial, state);
    }

    [Fact]
    public void After_turning_back_connections_of_both_trust_domains_are_replaced()
    {
        var wanted = new RootIntent([First], [], [new(First, Home)]);
        var signing = Initial with { Domains = new DomainState(Home, [Home, Away], Home, [Home, Away]).Issue(Away) };
        var both = Believing(First) with { Accepts = [Home, Away], PresentsIn = [Home, Away] };

        var state = Step(RootStep.Sign, signing, wanted, both);
        Assert.Equal((Home, 2), (state.Domains.Issuing, state.Domains.Changes));
        Assert.Equal(["shop/a"], Waiting(RootStep.Reconnect, state, wanted, both));
        state = Step(RootStep.Reconnect, state, wanted, both with { PresentsIn = [Home] });
        Assert.Equal(["shop/a"], Waiting(RootStep.Drop, state, wanted, both with { PresentsIn = [Home] }));
        Step(RootStep.Drop, state, wanted, both with { PresentsIn = [Home], ConnectionsAfter = [2] });
    }

    [Fact]
    public void Of_two_active_roots_the_one_that_signs_goes_on()
    {
        var both = new RootIntent([First, "new"], [], [new("new", Home), new(First, Home)]);
        var trusting = Believing(First, "new") with { Presents = [First], Credentials = [First] };
        var state = Initial with { Trusted = ["new", First], XdsTrusted = ["new", First] };

        Assert.Equal(RootDecision.Done, RootSteps.Next(state with { Trusted = both.Trusted }, both, [trusting]));
    }

    [Fact]
    public void In_whatever_order_things_happen_nobody_meets_a_certificate_it_does_not_believe()
    {
        var signed = new HashSet<(string Root, string Domain)>();
        var dropped = 0;
        for (var seed = 1; seed <= 400; seed++)
        {
            var random = new Random(seed);
            var mesh = new RotatingMesh(random.Next(1, 5));
            for (var step = 0; step < 600; step++)
            {
                Happen(mesh, random);
                dropped += mesh.Decision is { Step: RootStep.Drop, Next.Domains: { Changes: > 0 } } ? 1 : 0;
                signed.Add((mesh.State.Signing, mesh.State.Domains.Issuing));
                Assert.True(mesh.Fault() is null, $"seed {seed}, step {step}: {mesh.Fault()}");
            }
        }

        // Otherwise nothing was tried.
        Assert.Equal(12, signed.Count);
        Assert.True(dropped > 100, $"Only {dropped} steps dropped a trust domain.");
    }

    [Fact]
    public void Once_every_proxy_answers_the_mesh_has_what_was_wanted_from_wherever_it_was()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var mesh = new RotatingMesh(random.Next(1, 5));
            for (var step = 0; step < random.Next(200); step++)
            {
                Happen(mesh, random);
            }

            for (var round = 0; round < 30; round++)
            {
                foreach (var proxy in mesh.Proxies)
                {
                    if (proxy.Presence is not ProxyPresence.Connected || round == 10)
                    {
                        proxy.Connect(mesh.State, renewed: true, arrived: true);
                    }

                    proxy.Send(mesh.State, Part.Everything);
                    proxy.Answer(accept: true);
                }

                mesh.Turn();
                Assert.True(mesh.Fault() is null, $"seed {seed}, round {round}: {mesh.Fault()}");
            }

            Assert.True(mesh.IsSettled, $"seed {seed}: {mesh.State}, wanted {mesh.Wanted}, {mesh.Decision}");
            Assert.Equal((mesh.State.Signing, mesh.State.Trusted), (mesh.State.XdsServer, mesh.State.XdsTrusted));
            Assert.Equal((mesh.State.Domains.Issuing, mesh.State.Domains.Accepted), (mesh.State.Domains.XdsServer, mesh.State.Domains.XdsAccepted));
        }
    }

    private static void Happen(RotatingMesh mesh, Random random)
    {
        var proxy = mesh.Proxies[random.Next(mesh.Proxies.Count)];
        switch (random.Next(12))
        {
            case 0 when random.Next(4) == 0:
                mesh.Wanted = AnyIntent(random);
                break;
            case 1:
                proxy.Leave();
                break;
            case 2 when random.Next(4) == 0:
                proxy.Vanish();
                break;
            case 3 or 4:
                proxy.Connect(mesh.State, renewed: random.Next(2) == 0, arrived: random.Next(2) == 0);
                break;
            case 5 or 6 or 7:
                proxy.Send(mesh.State, (Part)random.Next((int)Part.Everything + 1));
                break;
            case 8 or 9:
                proxy.Answer(random.Next(5) > 0);
                break;
            default:
                mesh.Turn();
                break;
        }
    }

    private static RootIntent AnyIntent(Random random)
    {
        string[] roots = [First, "a", "b", "c"];
        random.Shuffle(roots);
        string[] domains = [Home, Away, "other.example"];
        var (active, passive) = random.Next(3) switch
        {
            0 => (roots[..1], roots[..0]),
            1 => (roots[..1], roots[1..2]),
            _ => (roots[..2], roots[..0]),
        };

        // Of any domain each time: an object may be changed as well as replaced.
        return new(
            [.. active.Order(StringComparer.Ordinal)], [.. passive],
            [.. active.Concat(passive).Order(StringComparer.Ordinal).Select(root => new RootDomain(root, domains[random.Next(domains.Length)]))]);
    }

    private static ProxyEvidence Believing(string first, string? second = null, string proxy = "shop/a") => new(proxy, ProxyPresence.Connected)
    {
        Trusts = second is null ? [first] : [first, second],
        Presents = [First],
        Credentials = [First],
        Accepts = [Home],
        PresentsIn = [Home],
        ConnectionsAfter = [0],
        CredentialsIn = [Home],
    };

    private static RootState Step(RootStep expected, RootState state, RootIntent wanted, params ProxyEvidence[] proxies)
    {
        var decision = RootSteps.Next(state, wanted, proxies);
        Assert.Equal(expected, decision.Step);
        return decision.Next!;
    }

    private static EquatableArray<string> Waiting(RootStep expected, RootState state, params ProxyEvidence[] proxies)
        => Waiting(expected, state, OnlyNew, proxies);

    private static EquatableArray<string> Waiting(RootStep expected, RootState state, RootIntent wanted, params ProxyEvidence[] proxies)
    {
        var decision = RootSteps.Next(state, wanted, proxies);
        Assert.Equal((expected, null), (decision.Step, decision.Next));
        return decision.WaitsFor;
    }
}
