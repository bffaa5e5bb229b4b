using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Translation;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Which scopes have a Kubernetes Service's endpoints, so that a change of endpoints finds them without asking all. Scopes that
/// have the same set of services, as all have in permissive mode, count as one; and a set of the same Services as before is no other. Used by the pipeline's loop only.
/// </summary>
internal sealed class ServiceAudience
{
    private readonly Dictionary<ServiceKeys, HashSet<LiveScope>> _scopes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ServiceKey, HashSet<ServiceKeys>> _sets = [];

    /// <summary>The scopes that have that service.</summary>
    public IEnumerable<LiveScope> Of(ServiceKey service) => _sets.TryGetValue(service, out var sets) ? sets.SelectMany(set => _scopes[set]) : [];

    /// <summary>A scope has another set of services than before; null for none.</summary>
    public void Move(LiveScope scope, ServiceSet? earlier, ServiceSet? later)
    {
        var (before, after) = (earlier?.Keys, later?.Keys);
        if (ReferenceEquals(before, after))
        {
            return;
        }

        if (after is not null)
        {
            Add(scope, after);
        }

        if (before is not null)
        {
            Remove(scope, before);
        }
    }

    private void Add(LiveScope scope, ServiceKeys set)
    {
        if (!_scopes.TryGetValue(set, out var scopes))
        {
            _scopes[set] = scopes = [];
            foreach (var key in set.All)
            {
                if (!_sets.TryGetValue(key, out var sets))
                {
                    _sets[key] = sets = new(ReferenceEqualityComparer.Instance);
                }

                sets.Add(set);
            }
        }

        scopes.Add(scope);
    }

    private void Remove(LiveScope scope, ServiceKeys set)
    {
        if (!_scopes.TryGetValue(set, out var scopes) || !scopes.Remove(scope) || scopes.Count > 0)
        {
            return;
        }

        _scopes.Remove(set);
        foreach (var key in set.All)
        {
            if (_sets.TryGetValue(key, out var sets) && sets.Remove(set) && sets.Count == 0)
            {
                _sets.Remove(key);
            }
        }
    }
}
