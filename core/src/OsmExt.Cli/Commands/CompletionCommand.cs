using System.CommandLine;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm completion</c>: scripts that have a shell complete this program's command lines. They ask the program itself, so they never get old.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # bash completion for osm. Load it with: source <(osm completion bash)
        _osm_complete() {
            local word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            COMPREPLY=($(compgen -W "$(osm "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _osm_complete osm

        """;

    private const string Zsh = """
        #compdef osm
        # zsh completion for osm. Load it with: source <(osm completion zsh)
        _osm() {
            local -a words_found
            words_found=("${(@f)$(osm "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words_found
            [[ ${#words_found} -gt 0 && -n "${words_found[1]}" ]] || _files
        }
        compdef _osm osm

        """;

    private const string Fish = """
        # fish completion for osm. Load it with: osm completion fish | source
        function __osm_complete
            set -l line (commandline -cp)
            osm "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c osm -f -a '(__osm_complete)'

        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("completion", "Print a script that has a shell complete the command lines of osm.")
    {
        Shell("bash", Bash, "source <(osm completion bash)"), Shell("zsh", Zsh, "source <(osm completion zsh)"), Shell("fish", Fish, "osm completion fish | source"),
    };

    private static Command Shell(string name, string script, string load)
    {
        var command = new Command(name, $"Print the script for {name}; load it with: {load}.");
        command.SetAction(_ => Console.Out.Write(script));
        return command;
    }
}
