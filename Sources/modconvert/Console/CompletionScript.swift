import ArgumentParser

/// Completion scripts: the parser's own, extended by `modconvert FILE`. The parser's scripts do not know that
/// `convert` is the default subcommand.
enum CompletionScript {
    static func text(for shell: Shell) -> String {
        switch shell {
        case .bash: ModConvert.completionScript(for: .bash) + bash
        case .zsh: zsh(ModConvert.completionScript(for: .zsh))
        case .fish: ModConvert.completionScript(for: .fish) + fish
        }
    }

    /// The words that cannot be a file to convert.
    private static var subcommands: [String] {
        ModConvert.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    }

    private static var bash: String {
        """


        # Without a subcommand, convert is meant: its words are completed as if it stood there.
        _modconvert_or_convert() {
            case "${COMP_WORDS[1]}" in
            \(subcommands.joined(separator: "|")))
                _modconvert "${@}"
                return
                ;;
            esac
            local -a both=()
            if [[ "${COMP_CWORD}" -eq 1 ]]; then
                _modconvert "${@}"
                both=("${COMPREPLY[@]}")
                COMPREPLY=()
            fi
            COMP_WORDS=("${COMP_WORDS[0]}" convert "${COMP_WORDS[@]:1}")
            COMP_CWORD=$((COMP_CWORD + 1))
            _modconvert "${@}"
            COMPREPLY=("${both[@]}" "${COMPREPLY[@]}")
        }

        complete -o filenames -F _modconvert_or_convert modconvert

        """
    }

    /// zsh reads the file at the first completion, so the last lines, which call the function, must stay
    /// last.
    private static func zsh(_ script: String) -> String {
        let call = #"if [[ "${funcstack[1]}" = _modconvert ]]; then"#
        let place = script.firstRange(of: call)?.lowerBound ?? script.endIndex
        let addition = """
            # Without a subcommand, convert is meant: its words are completed as if it stood there.
            functions[_modconvert_subcommands]="${functions[_modconvert]}"
            _modconvert() {
                local -i ret=1
                if (( CURRENT == 2 )); then
                    _modconvert_subcommands && ret=0
                elif [[ " \(subcommands.joined(separator: " ")) " == *" ${words[2]} "* ]]; then
                    _modconvert_subcommands
                    return
                fi
                words=("${words[1]}" convert "${(@)words[2,-1]}")
                (( CURRENT++ ))
                _modconvert_subcommands && ret=0
                return "${ret}"
            }


            """
        return script[..<place] + addition + script[place...]
    }

    private static var fish: String {
        """

        # Without a subcommand, convert is meant: its words are completed as if it stood there.
        functions -c __modconvert_tokens __modconvert_typed_tokens
        function __modconvert_tokens
            set -l tokens (__modconvert_typed_tokens $argv)
            if test (count $tokens) -gt 1; and not contains -- $tokens[2] \(subcommands.joined(separator: " "))
                set tokens $tokens[1] convert $tokens[2..]
            end
            printf '%s\\n' $tokens
        end
        complete -c modconvert -n 'test (count (__modconvert_typed_tokens -pc)) -eq 1' \
        -fka '(__fish_complete_suffix .onnx)'

        """
    }
}
