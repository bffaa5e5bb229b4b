using OsmExt.Identity.Roots;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>The order in which roots are changed.</summary>
public class RootStepsTests
{
    private const string First = "osm-mesh-root-certificate";
    private static readonly RootIntent OnlyNew = new(["new"], []);

    [Fact]
    public void A_root_signs_when_the_last_proxy_believes_it_and_goes_when_nobody_may_present_its_certificates()
    {
        var state = RootState.Initial;
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
        var state = new RootState("new", ["new"], First, ["new", First]);
        var renewed = Believing("new") with { Presents = ["new"], Credentials = ["new"] };
        var old = renewed with { Proxy = "shop/old", Credentials = [First] };
        var gone = new ProxyEvidence("shop/gone", ProxyPresence.Gone);

        Assert.Equal(["shop/gone", "shop/old"], Waiting(RootStep.ServeXds, state, renewed, old, gone));
        state = Step(RootStep.ServeXds, state, OnlyNew, renewed);
        Assert.Equal(("new", 2), (state.XdsServer, state.XdsTrusted.Count));
        Assert.Equal(["shop/old"], Waiting(RootStep.RetireXds, state, renewed, old));
        Assert.Equal(new("new", ["new"], "new", ["new"]), Step(RootStep.RetireXds, state, OnlyNew, renewed));
    }

    [Fact]
    public void Of_two_active_roots_the_one_that_signs_goes_on()
    {
        var both = new RootIntent([First, "new"], []);
        var trusting = Believing(First, "new") with { Presents = [First], Credentials = [First] };
        var state = RootState.Initial with { Trusted = ["new", First], XdsTrusted = ["new", First] };

        Assert.Equal(RootDecision.Done, RootSteps.Next(state with { Trusted = both.Trusted }, both, [trusting]));
    }

    [Fact]
    public void In_whatever_order_things_happen_nobody_meets_a_certificate_it_does_not_believe()
    {
        var signed = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 1; seed <= 400; seed++)
        {
            var random = new Random(seed);
            var mesh = new RotatingMesh(random.Next(1, 5));
            for (var step = 0; step < 300; step++)
            {
                Happen(mesh, random);
                signed.Add(mesh.State.Signing);
                Assert.True(mesh.Fault() is null, $"seed {seed}, step {step}: {mesh.Fault()}");
            }
        }

        // Otherwise nothing was tried.
        Assert.Equal(4, signed.Count);
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

            for (var round = 0; round < 20; round++)
            {
                foreach (var proxy in mesh.Proxies)
                {
                    if (proxy.Presence is not ProxyPresence.Connected || round == 10)
                    {
                        proxy.Connect(mesh.State, renewed: true, arrived: true);
                    }

                    proxy.Send(mesh.State, bundle: true, certificate: true);
                    proxy.Answer(accept: true);
                }

                mesh.Turn();
                Assert.Null(mesh.Fault());
            }

            Assert.True(mesh.IsSettled, $"seed {seed}: {mesh.State}, wanted {mesh.Wanted}, {mesh.Decision}");
            Assert.Equal((mesh.State.Signing, mesh.State.Trusted), (mesh.State.XdsServer, mesh.State.XdsTrusted));
        }
    }

    private static void Happen(RotatingMesh mesh, Random random)
    {
        var proxy = mesh.Proxies[random.Next(mesh.Proxies.Count)];
        switch (random.Next(12))
        {
            case 0:
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
                proxy.Send(mesh.State, random.Next(2) == 0, random.Next(2) == 0);
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
        return random.Next(3) switch
        {
            0 => new([roots[0]], []),
            1 => new([roots[0]], [roots[1]]),
            _ => new([.. roots[..2].Order(StringComparer.Ordinal)], []),
        };
    }

    private static ProxyEvidence Believing(string first, string? second = null, string proxy = "shop/a") => new(proxy, ProxyPresence.Connected)
    {
        Trusts = second is null ? [first] : [first, second],
        Presents = [First],
        Credentials = [First],
    };

    private static RootState Step(RootStep expected, RootState state, RootIntent wanted, params ProxyEvidence[] proxies)
    {
        var decision = RootSteps.Next(state, wanted, proxies);
        Assert.Equal(expected, decision.Step);
        return decision.Next!;
    }

    private static EquatableArray<string> Waiting(RootStep expected, RootState state, params ProxyEvidence[] proxies)
    {
        var decision = RootSteps.Next(state, OnlyNew, proxies);
        Assert.Equal((expected, null), (decision.Step, decision.Next));
        return decision.WaitsFor;
    }
}
